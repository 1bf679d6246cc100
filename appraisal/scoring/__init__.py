"""How points become tiers: pure functions over arrays, in the order of the appraisal itself."""
