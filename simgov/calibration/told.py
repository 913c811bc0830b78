"""What a calibration says, in sentences for somebody who reads no tables, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simgov.calibration.pinned import KNOWN, LEFT_OPEN, Pair
from simgov.calibration.points import misfits
from simgov.words import number

if TYPE_CHECKING:
    from simgov.calibration.found import Calibration
    from simgov.sensitivity import Parameter

SAYS = {
    "en": {
        "target": "“{label}”: reported {reported}; {after} with the fitted values ({before} with those of the file).",
        "missed": "It is missed by {far:.1f} standard deviations.",
        "counted": "{targets} {pin} {things} of the {params} free numbers.",
        "one target": "One target", "targets": "{n} targets", "pin": "pins", "pin many": "pin", "thing": "one combination", "things": "{n} combinations", "no thing": "none",
        "alone": "{pin} the free number.", "not alone": "{do} not pin the free number.", "do": "does", "do many": "do",
        "pinned": "Pinned: {label} is {median} ({low} to {high}); {left} of its range is left.",
        "narrowed": "Narrowed: {label} lies between {low} and {high}; {left} of its range is left.",
        "open": "Left open: {label}. Values from {low} to {high} fit the targets alike ({left} of its range is left), so the fitted {value} is no finding; measure it, or keep the whole range.",
        "pair": "Only together: of {one} and {other} the targets tell {what} ({left} of its range is left), not which of the two.",
        "product": "the product {a} × {b}", "ratio": "the ratio {a} ÷ {b}", "sum": "the sum {a} + {b}", "difference": "the difference {a} − {b}",
        "rest": "(1 − {x})", "first": "A", "second": "B", "named": "{label} (A)", "also named": "{label} (B)",
        "quick": "A first look: what is left is read off a quadratic surface through {points} points; --depth posterior looks closer where it matters.",
        "pulled": "{share} of the points made the scenario impossible and were moved towards its own values until it was sound.",
        "granted": "Granted to the model: an error of {odds} in log-odds of shares, in logarithms of other figures (standard deviation), beside the chance of one window.",
        "note": "{verdict} by the targets ({left} of its range left): fitted {day} by simgov calibrate ({depth}, {points} points, seed {seed}) to {to}; 90 % interval",
    },
    "zh": {
        "target": "“{label}”：公布值{reported}；拟合后{after}（原文件取值为{before}）。",
        "missed": "偏离{far:.1f}个标准差。",
        "counted": "{targets}在{params}个自由参数中{pin}{things}。",
        "one target": "一个目标", "targets": "{n}个目标", "pin": "确定了", "pin many": "确定了", "thing": "一个组合", "things": "{n}个组合", "no thing": "零个组合",
        "alone": "{pin}这个自由参数。", "not alone": "{do}不能确定这个自由参数。", "do": "", "do many": "",
        "pinned": "已确定：{label}为{median}（{low}至{high}），仅余原范围的{left}。",
        "narrowed": "已收窄：{label}在{low}至{high}之间，尚余原范围的{left}。",
        "open": "无法确定：{label}。从{low}到{high}都同样符合目标（尚余原范围的{left}），拟合值{value}不是结论；应实测，或保留整个范围。",
        "pair": "只能合在一起确定：{one}与{other}，目标只说明{what}（尚余其范围的{left}），不能分开二者。",
        "product": "乘积{a} × {b}", "ratio": "比值{a} ÷ {b}", "sum": "和{a} + {b}", "difference": "差{a} − {b}",
        "rest": "(1 − {x})", "first": "甲", "second": "乙", "named": "{label}（甲）", "also named": "{label}（乙）",
        "quick": "以上为初步判断：剩余范围由{points}个点的二次曲面推得；--depth posterior 会在要紧处细看。",
        "pulled": "{share}的点使情景不成立，已向原值靠拢至成立为止。",
        "granted": "给模型本身留出的误差（标准差）：比例的对数几率、其他数值的对数均为{odds}，另加单个统计期的随机波动。",
        "note": "{verdict}(by the targets, {left} of its range left): fitted {day} by simgov calibrate ({depth}, {points} points, seed {seed}) to {to}; 90 % interval",
    },
}


def sentences(found: Calibration, lang: str = "en") -> Iterator[str]:
    """Targets, then every parameter: pinned, narrowed or left open, and what is pinned only together."""
    yield from _targets(found, lang)
    yield _counted(found, lang)
    for number_, _ in enumerate(found.params):
        yield parameter(found, number_, lang)
    for pair in found.pairs:
        yield together(found, pair, lang)
    yield SAYS[lang]["granted"].format(odds="、".join(_discrepancies(found)) if lang == "zh" else " or ".join(_discrepancies(found)))
    if found.depth == "point":
        yield SAYS[lang]["quick"].format(points=len(found.points))
    if found.points.pulled:
        yield SAYS[lang]["pulled"].format(share=f"{found.points.pulled / len(found.points):.1%}")


def _discrepancies(found: Calibration) -> list[str]:
    return sorted({f"{goal.discrepancy:g}" for goal in found.points.goals})


def _targets(found: Calibration, lang: str) -> Iterator[str]:
    points, says = found.points, SAYS[lang]
    far = abs(misfits(points.goals, points.values[[found.fit.chosen]], found.fit.spread)[0])
    for j, goal in enumerate(points.goals):
        before, after = (number(float(goal.from_scale(points.values[k, j])), goal.unit, lang) for k in (0, found.fit.chosen))
        text = says["target"].format(label=goal.label(found.scenario, lang), reported=goal.reported(lang), after=after, before=before)
        yield text + (" " if lang == "en" else "") + says["missed"].format(far=far[j]) if far[j] > 1 else text


def _counted(found: Calibration, lang: str) -> str:
    says, m, d, k = SAYS[lang], len(found.points.goals), len(found.params), found.directions
    targets, many = says["one target" if m == 1 else "targets"].format(n=m), "" if m == 1 else " many"
    gap = " " if lang == "en" else ""
    if d == 1:
        return targets + gap + (says["alone"].format(pin=says[f"pin{many}"]) if k else says["not alone"].format(do=says[f"do{many}"]))
    things = says["no thing" if not k else "thing" if k == 1 else "things"].format(n=k)
    return says["counted"].format(targets=targets, pin=says[f"pin{many}"], things=things, params=d)


def parameter(found: Calibration, k: int, lang: str = "en") -> str:
    """One parameter: what the targets say of it."""
    param, mark = found.params[k], found.marks[k]
    words = {name: shown(param, getattr(mark, name), lang) for name in ("low", "median", "high")}
    return SAYS[lang][mark.verdict].format(label=found.label(k, lang), left=f"{mark.left:.0%}", value=shown(param, found.fitted[param], lang), **words)


def shown(param: Parameter, value: float, lang: str = "en") -> str:
    """A value with three figures: more are never known."""
    return param.shown(value if param.whole or param.is_duration else float(f"{value:.3g}"), lang)


def together(found: Calibration, pair: Pair, lang: str = "en") -> str:
    """Two parameters that are pinned only together."""
    says = SAYS[lang]
    a, b = (says["rest"].format(x=says[x]) if rest else says[x] for x, rest in zip(("first", "second"), pair.rest, strict=True))
    one, other = says["named"].format(label=found.label(pair.one, lang)), says["also named"].format(label=found.label(pair.other, lang))
    return says["pair"].format(one=one, other=other, what=says[pair.how].format(a=a, b=b), left=f"{pair.left:.0%}")


def note(found: Calibration, k: int) -> str:
    """For the tag of a fitted value."""
    mark = found.marks[k]
    verdict = {KNOWN: "pinned", LEFT_OPEN: "left open"}.get(mark.verdict, "narrowed")
    to = ", ".join(dict.fromkeys(goal.target.measure for goal in found.points.goals))
    return SAYS["en"]["note"].format(
        verdict=verdict, left=f"{mark.left:.0%}", day=found.today.isoformat(), depth=found.depth, points=len(found.points), seed=found.seed, to=to
    )  # fmt: skip
