"""How sure, how strange: perturb, appraise, compare."""
