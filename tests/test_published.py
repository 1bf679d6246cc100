"""Published results of others that the scoring reproduces.

OECD/JRC, *Handbook on Constructing Composite Indicators* (2008): the Technology Achievement Index, 23 countries, equal
weights. Tie ranks: package csranks for R (Mogstad, Romano, Shaikh, Wilhelm 2023), its example of best and worst ranks.
"""

from __future__ import annotations

import math

import numpy as np

from appraisal.scoring.composite import composite_points, to_ticks
from appraisal.scoring.ranking import shared_ranks
from appraisal.sections import Rounding

# Patents, royalties, internet, exports, log telephones, log electricity, schooling, university: lowest, highest.
GOALPOSTS = (
    (0, 994),
    (0, 272.6),
    (0, 232.4),
    (0, 80.8),
    (0, math.log10(901)),
    (math.log10(22), math.log10(6969)),
    (0.8, 12),
    (0.1, 27.4),
)
# In the order of the published ranks 1 to 23.
COUNTRIES = {
    "Finland": (187, 125.6, 200.2, 50.7, 3.08, 4.15, 10, 27.4),
    "United States": (289, 130, 179.1, 66.2, 3.00, 4.07, 12, 13.9),
    "Sweden": (271, 156.6, 125.8, 59.7, 3.10, 4.14, 11.4, 15.3),
    "Japan": (994, 64.6, 49, 80.8, 3.00, 3.86, 9.5, 10),
    "Korea": (779, 9.8, 4.8, 66.7, 2.97, 3.65, 10.8, 23.2),
    "Netherlands": (189, 151.2, 136, 50.9, 3.02, 3.77, 9.4, 9.5),
    "United Kingdom": (82, 134, 57.4, 61.9, 3.02, 3.73, 9.4, 14.9),
    "Singapore": (8, 25.5, 72.3, 74.9, 2.95, 3.83, 7.1, 24.2),
    "Canada": (31, 38.6, 108, 48.7, 2.94, 4.18, 11.6, 14.2),
    "Australia": (75, 18.2, 125.9, 16.2, 2.94, 3.94, 10.9, 25.3),
    "Germany": (235, 36.8, 41.2, 64.2, 2.94, 3.75, 10.2, 14.4),
    "Norway": (103, 20.2, 193.6, 19, 3.12, 4.39, 11.9, 11.2),
    "Ireland": (106, 110.3, 48.6, 53.6, 2.97, 3.68, 9.4, 12.3),
    "Belgium": (72, 73.9, 58.9, 47.6, 2.91, 3.86, 9.3, 13.6),
    "New Zealand": (103, 13, 146.7, 15.4, 2.86, 3.91, 11.7, 13.1),
    "Austria": (165, 14.8, 84.2, 50.3, 2.99, 3.79, 8.4, 13.6),
    "France": (205, 33.6, 36.4, 58.9, 2.97, 3.80, 7.9, 12.6),
    "Israel": (74, 43.6, 43.2, 45, 2.96, 3.74, 9.6, 11),
    "Spain": (42, 8.6, 21, 53.4, 2.86, 3.62, 7.3, 15.6),
    "Italy": (13, 9.8, 30.4, 51, 3.00, 3.65, 7.2, 13),
    "Czech Republic": (28, 4.2, 25, 51.7, 2.75, 3.68, 9.5, 8.2),
    "Hungary": (26, 6.2, 21.6, 63.5, 2.73, 3.46, 9.1, 7.7),
    "Slovenia": (105, 4, 20.3, 49.5, 2.84, 3.71, 7.1, 10.6),
}


def test_technology_achievement_index_ranks_23_countries():
    low, high = np.array(GOALPOSTS).T
    indicators = np.array(list(COUNTRIES.values()))
    # Telephones and electricity are capped at the upper goalpost.
    indicators[:, 4:6] = np.minimum(indicators[:, 4:6], high[4:6])
    shares = ((indicators - low) / (high - low)).T
    index = composite_points(shares * (100 / 8))
    shown = to_ticks(index, Rounding(digits=2, mode="half_up"))
    rank = shared_ranks(-shown[None], np.zeros(len(COUNTRIES), int))
    assert dict(zip(COUNTRIES, rank.tolist(), strict=True)) == {
        country: place for place, country in enumerate(COUNTRIES, start=1)
    }


SCORES = np.array([1.0, 3, 4, 4, 4, 7, 7, 10])


def test_tied_scores_share_the_better_rank():
    rank = shared_ranks(-SCORES[None], np.zeros(8, int))
    assert rank.tolist() == [8, 7, 4, 4, 4, 2, 2, 1]


def test_the_worse_rank_is_the_better_one_counted_from_below():
    from_below = shared_ranks(SCORES[None], np.zeros(8, int))
    assert (9 - from_below).tolist() == [8, 7, 6, 6, 6, 3, 3, 1]
