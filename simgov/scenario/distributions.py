"""Durations that vary: named by their kind, given by mean, median and quantiles or by parameters.

Each kind knows its quantile function (seconds), from scipy.stats; nothing else is ever asked of it.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from pydantic import Field, model_validator

from simgov.language import message, together
from simgov.scenario.fields import Duration, Positive, Strict, complain, shown

KINDS = ("constant", "exponential", "lognormal", "gamma", "weibull", "uniform", "triangular", "quantiles")


class Exponential(Strict):
    """Exponential, by `mean` or `median`."""

    SHORT = ("string",)
    mean: Duration | None = Field(None, description="The mean, or")
    median: Duration | None = Field(None, description="the median.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"mean": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one(self) -> Exponential:
        if (self.mean is None) == (self.median is None):
            raise complain(message("give either mean or median"))
        return self

    def frozen(self) -> Any:
        from scipy import stats

        return stats.expon(scale=self.mean if self.mean is not None else self.median / math.log(2))


class Lognormal(Strict):
    """Log-normal, by `median` or `mean`, and by `sigma` (of the logarithm), `sd` or the 90 % quantile `p90`."""

    median: Duration | None = Field(None, description="The median, or")
    mean: Duration | None = Field(None, description="the mean;")
    sigma: Positive | None = Field(None, description="the standard deviation of the logarithm, or")
    sd: Duration | None = Field(None, description="that of the duration itself.")
    p90: Duration | None = None

    @model_validator(mode="after")
    def _two(self) -> Lognormal:
        if (self.median is None) == (self.mean is None):
            raise complain(message("give either median or mean"))
        if sum(x is not None for x in (self.sigma, self.sd, self.p90)) != 1:
            raise complain(message("give exactly one of sigma, sd and p90 besides the median or mean"))
        if self.sd is not None and self.mean is None:
            raise complain(message("sd goes with mean; give sigma or p90 with a median"))
        if self.p90 is not None and (self.median is None or self.p90 <= self.median):
            raise complain(message("p90 goes with a smaller median"))
        if not (self.median or self.mean):
            raise complain(message("the median or mean must be more than zero"))
        return self

    def frozen(self) -> Any:
        from scipy import stats

        if self.p90 is not None:
            sigma = math.log(self.p90 / self.median) / stats.norm.ppf(0.9)
        elif self.sd is not None:
            sigma = math.sqrt(math.log1p((self.sd / self.mean) ** 2))
        else:
            sigma = self.sigma
        median = self.median if self.median is not None else self.mean / math.exp(sigma**2 / 2)
        return stats.lognorm(s=sigma, scale=median) if sigma else Constant(of=round(median)).frozen()


class Gamma(Strict):
    """Gamma, by `mean` and `cv` or `sd`, or by `shape` and `scale`."""

    mean: Duration | None = Field(None, description="The mean, with cv or sd;")
    cv: Positive | None = Field(None, description="standard deviation by mean;")
    sd: Duration | None = Field(None, description="standard deviation;")
    shape: Positive | None = Field(None, description="or the shape")
    scale: Duration | None = Field(None, description="and the scale.")

    @model_validator(mode="after")
    def _pair(self) -> Gamma:
        given = {k for k in type(self).model_fields if getattr(self, k) is not None}
        if given not in ({"mean", "cv"}, {"mean", "sd"}, {"shape", "scale"}):
            raise complain(message("give mean and cv, or mean and sd, or shape and scale"))
        if not (self.mean or self.scale) or self.sd == 0:
            raise complain(message("mean, sd and scale must be more than zero"))
        return self

    def frozen(self) -> Any:
        from scipy import stats

        if self.shape is not None:
            return stats.gamma(a=self.shape, scale=self.scale)
        cv = self.cv if self.cv is not None else self.sd / self.mean
        return stats.gamma(a=1 / cv**2, scale=self.mean * cv**2)


class Weibull(Strict):
    """Weibull, by `shape` and `mean` or `scale`."""

    shape: Positive = Field(description="The shape (below 1: long tail), with")
    mean: Duration | None = Field(None, description="the mean, or")
    scale: Duration | None = Field(None, description="the scale.")

    @model_validator(mode="after")
    def _one(self) -> Weibull:
        if (self.mean is None) == (self.scale is None):
            raise complain(message("give either mean or scale besides shape"))
        return self

    def frozen(self) -> Any:
        from scipy import stats

        scale = self.scale if self.scale is not None else self.mean / math.gamma(1 + 1 / self.shape)
        return stats.weibull_min(c=self.shape, scale=scale)


class Uniform(Strict):
    """Uniform between `low` and `high`."""

    low: Duration = Field(description="The least.")
    high: Duration = Field(description="The most.")

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if self.low > self.high:
            raise complain(message("low must not be above high"))
        return self

    def frozen(self) -> Any:
        from scipy import stats

        return stats.uniform(self.low, self.high - self.low)


class Triangular(Strict):
    """Triangular from `low` to `high` with its peak at `mode`."""

    low: Duration = Field(description="The least.")
    mode: Duration = Field(description="The likeliest.")
    high: Duration = Field(description="The most.")

    @model_validator(mode="after")
    def _ordered(self) -> Triangular:
        if not self.low <= self.mode <= self.high or self.low == self.high:
            raise complain(message("must have low <= mode <= high and low < high"))
        return self

    def frozen(self) -> Any:
        from scipy import stats

        width = self.high - self.low
        return stats.triang((self.mode - self.low) / width, self.low, width)


class Constant(Strict):
    """Always the same."""

    SHORT = ("string",)
    of: Duration = Field(description="The duration.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"of": value}

    def frozen(self) -> Constant:
        return self

    def ppf(self, q: np.ndarray) -> np.ndarray:
        return np.full(np.shape(q), float(self.of))

    def isf(self, q: np.ndarray) -> np.ndarray:
        return self.ppf(q)

    def mean(self) -> float:
        return float(self.of)


class Quantiles(Strict):
    """Any distribution, by points of its quantile function, straight lines between: `{0: 5 min, 0.5: 1h, 1: 8h}`."""

    at: dict[float, Duration] = Field(description="Durations by share, from 0 to 1.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return value

    @model_validator(mode="before")
    @classmethod
    def _wrap(cls, value: Any) -> Any:
        return value if isinstance(value, dict) and set(value) == {"at"} else {"at": value}

    @model_validator(mode="after")
    def _whole_range(self) -> Quantiles:
        points = sorted(self.at.items())
        if len(points) < 2 or points[0][0] != 0 or points[-1][0] != 1:
            raise complain(message("must name the durations at 0 and at 1 at least, such as {0: 5 min, 0.5: 1h, 1: 8h}"))
        if any(a > b for (_, a), (_, b) in pairwise(points)):
            raise complain(message("durations must not fall as the quantile rises"))
        return self

    def frozen(self) -> Quantiles:
        return self

    def ppf(self, q: np.ndarray) -> np.ndarray:
        points = sorted(self.at.items())
        return np.interp(q, [p for p, _ in points], [float(d) for _, d in points])

    def isf(self, q: np.ndarray) -> np.ndarray:
        return self.ppf(1 - np.asarray(q))

    def mean(self) -> float:
        points = sorted(self.at.items())
        return sum((b - a) * (x + y) / 2 for (a, x), (b, y) in pairwise(points))


class Distribution(Strict):
    """A duration that may vary: a bare duration is constant; otherwise one kind with its numbers."""

    SHORT = ("string", "integer")
    constant: Constant | None = Field(None, description="Always the same.")
    exponential: Exponential | None = Field(None, description="Without memory.")
    lognormal: Lognormal | None = Field(None, description="Most are short, some very long.")
    gamma: Gamma | None = Field(None, description="Between constant and exponential, or longer tails.")
    weibull: Weibull | None = Field(None, description="Lifetimes.")
    uniform: Uniform | None = Field(None, description="Anything between two ends.")
    triangular: Triangular | None = Field(None, description="Between two ends, one value likeliest.")
    quantiles: Quantiles | None = Field(None, description="Points of the quantile function.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"constant": {"of": value}}

    @model_validator(mode="before")
    @classmethod
    def _one_kind(cls, value: Any) -> Any:
        if isinstance(value, dict) and sum(given is not None for given in value.values()) != 1:
            raise complain(message("must have exactly one kind of {names}, got {given}", names=together(KINDS), given=shown(value)))
        return value

    @property
    def kind(self) -> Any:
        return next(getattr(self, name) for name in KINDS if getattr(self, name) is not None)

    def mean(self) -> float:
        """The mean in seconds, before rounding."""
        return float(self.kind.frozen().mean())

    def ppf(self, q: np.ndarray) -> np.ndarray:
        """Quantile function (seconds) of lower tail probabilities, any shape."""
        return np.asarray(self.kind.frozen().ppf(q), float)

    def isf(self, q: np.ndarray) -> np.ndarray:
        """Quantile function (seconds) of upper tail probabilities, any shape."""
        return np.asarray(self.kind.frozen().isf(q), float)
