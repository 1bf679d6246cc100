"""The scales that compare groups, against fractions."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from appraisal.scoring.scales import SCALE_ROUNDING, anchored_scale, z_scale
from tests.oracle import scale_of


def by_fractions(which: str, group, composite, panel, anchor) -> list[float]:
    names = [str(d) for d in range(len(group))]
    points = {
        name: {
            "composite": Fraction(str(composite[d])),
            "panel before deductions": Fraction(str(panel[d])),
            "leaders and social": Fraction(str(anchor[d])),
        }
        for d, name in enumerate(names)
    }
    members = {g: [names[d] for d in range(len(group)) if group[d] == g] for g in sorted(set(group))}
    best = SimpleNamespace(wildcard_scale=which)
    scale = scale_of(points, members, SimpleNamespace(tiers=SimpleNamespace(best=best)))
    return [float(scale[name] * 10**SCALE_ROUNDING.digits) for name in names]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("flat", ["", "anchor", "anchor of groups", "all of groups"])
def test_both_scales_are_those_of_fractions(seed, flat):
    """Also where a group is of one mind about all its departments: then only the error of floats has a spread."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 7, 3)
    group = np.repeat(np.arange(3), sizes)
    anchor = rng.integers(1500, 3200, group.size) / 100
    panel = rng.integers(3000, 6800, group.size) / 100
    if flat == "anchor":
        anchor[:] = anchor[0]
    elif flat:
        anchor = np.array([anchor[group == g][0] for g in range(3)])[group]
    if flat == "all of groups":
        panel = np.array([panel[group == g][0] for g in range(3)])[group]
    composite = np.array([float(Fraction(str(p)) + Fraction(str(a))) for p, a in zip(panel, anchor, strict=True)])
    assert z_scale(composite, group).tolist() == by_fractions("z", group, composite, panel, anchor)
    assert anchored_scale(composite, panel, anchor, group).tolist() == by_fractions(
        "anchored", group, composite, panel, anchor
    )


@pytest.mark.parametrize("size", range(2, 8))
def test_departments_of_one_composite_have_z_0_whatever_the_last_bit_says(size):
    rng = np.random.default_rng(size)
    for _case in range(200):
        composite = rng.integers(50000, 95000) / 3000
        noisy = composite + np.spacing(composite) * rng.integers(-3, 4, size)
        assert z_scale(noisy, np.zeros(size, int)).tolist() == [0.0] * size


def test_z_is_0_in_a_group_of_one():
    assert z_scale(np.array([88.8, 70.0, 80.0]), np.array([0, 1, 1])).tolist() == [0.0, -10000.0, 10000.0]


@pytest.mark.parametrize("size", [1e-3, 1e-1, 1.0, 10.0])
def test_a_small_spread_is_one_all_the_same(size):
    """Two departments of each group, the panel twice as far apart as leaders and public: a slope of two."""
    group, apart = np.array([0, 0, 1, 1]), size * np.array([-0.5, 0.5, -0.5, 0.5])
    anchor = np.array([20.0, 20.0, 21.0, 21.0]) + apart
    panel = 50.0 + 2 * apart
    assert z_scale(panel, group).tolist() == [-10000.0, 10000.0] * 2
    away = anchored_scale(panel, panel, anchor, group) - 10_000 * panel
    assert away.tolist() == pytest.approx([-10_000.0, -10_000.0, 10_000.0, 10_000.0], abs=1)


def test_each_draw_has_its_own_scale():
    rng = np.random.default_rng(3)
    group = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    panel, anchor = rng.uniform(30, 68, (4, 8)), rng.uniform(15, 32, (4, 8))
    for draw in range(4):
        one = (panel[draw] + anchor[draw], panel[draw], anchor[draw])
        assert (
            anchored_scale(panel + anchor, panel, anchor, group)[draw].tolist() == anchored_scale(*one, group).tolist()
        )
        assert z_scale(panel + anchor, group)[draw].tolist() == z_scale(one[0], group).tolist()


def test_severity_of_a_panel_is_taken_out():
    """A panel that gives all its departments 5 points less, where leaders and public see no difference."""
    rng = np.random.default_rng(4)
    anchor = np.tile(rng.integers(150, 320, 6) / 10, 2)
    panel = np.tile(rng.integers(300, 680, 6) / 10, 2)
    group = np.repeat([0, 1], 6)
    severe = panel - 5.0 * group
    scale = anchored_scale(severe + anchor, severe, anchor, group)
    np.testing.assert_allclose(scale[:6], scale[6:], atol=1)
