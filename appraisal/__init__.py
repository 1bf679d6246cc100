"""The annual appraisal of departments: a year's tables and rulebook in, scorecard and report out."""

__version__ = "0.1.0"
