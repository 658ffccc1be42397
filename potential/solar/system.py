"""A photovoltaic system without its size: module, mounting, losses, inverter."""

from __future__ import annotations

from dataclasses import dataclass, field

from potential.solar.transposition import STANDARD_GLASS, Glass

MONTHS = 12


@dataclass(frozen=True)
class Mounting:
    """How warm a module gets: Sandia's cell temperature model (King et al. 2004, eq. 11-12)."""

    a: float
    b: float
    delta_t: float

    def __post_init__(self) -> None:
        """Check the signs the model needs."""
        if self.a >= 0 or self.b >= 0 or self.delta_t < 0:
            raise ValueError(
                f"Sandia's model needs a < 0, b < 0, delta_t >= 0, got {self.a}, {self.b}, {self.delta_t}"
            )


OPEN_RACK = Mounting(-3.47, -0.0594, 3.0)
"""Glass-glass on an open rack."""
CLOSE_ROOF = Mounting(-2.98, -0.0471, 1.0)
"""Glass-glass close to a roof, air behind."""
INSULATED_BACK = Mounting(-2.81, -0.0455, 0.0)
"""Building-integrated, no air behind."""
OPEN_RACK_POLYMER = Mounting(-3.56, -0.0750, 3.0)
"""Glass-polymer on an open rack."""


@dataclass(frozen=True)
class Losses:
    """Losses as shares; each one is a step of the waterfall, applied in this order."""

    soiling: tuple[float, ...] = (0.02,) * MONTHS
    """By month, January first."""
    snow: float = 0.0
    mismatch: float = 0.02
    wiring: float = 0.02
    connections: float = 0.005
    first_year_degradation: float = 0.015
    nameplate: float = 0.01
    ac_wiring: float = 0.0
    """After the inverter: AC cables and transformer."""
    unavailability: float = 0.03

    def __post_init__(self) -> None:
        """Check that twelve soiling losses are given and every loss is a share."""
        if len(self.soiling) != MONTHS:
            raise ValueError(f"soiling needs twelve monthly shares, got {len(self.soiling)}")
        shares = {"soiling": max(self.soiling), **self.flat()}
        for name, share in shares.items():
            if not -0.05 <= share < 1:  # noqa: PLR2004 - a positive power tolerance is a small gain
                raise ValueError(f"{name} must be a share between -0.05 and 1, got {share}")

    def flat(self) -> dict[str, float]:
        """Return the losses that are the same all year, by name, in the order of the waterfall."""
        return {
            "snow": self.snow,
            "mismatch": self.mismatch,
            "wiring": self.wiring,
            "connections": self.connections,
            "first_year_degradation": self.first_year_degradation,
            "nameplate": self.nameplate,
            "ac_wiring": self.ac_wiring,
            "unavailability": self.unavailability,
        }

    @property
    def dc_factor(self) -> float:
        """Product of what the year-round losses before the inverter leave."""
        factor = 1.0
        for name, share in self.flat().items():
            if name not in ("ac_wiring", "unavailability"):
                factor *= 1 - share
        return factor

    @property
    def ac_factor(self) -> float:
        """Product of what the losses behind the inverter leave."""
        return (1 - self.ac_wiring) * (1 - self.unavailability)


NO_LOSSES = Losses((0.0,) * MONTHS, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Rows:
    """Parallel rows of modules that shade each other; a share of 0 means a single plane."""

    ground_cover_ratio: float = 0.0
    """Module length along the slope over row pitch, 0 to 1."""
    clearance_m: float = 1.0
    """Height of the middle of the row above ground; used for the rear side of bifacial modules."""
    pitch_m: float = 5.0

    def __post_init__(self) -> None:
        """Check the ratio."""
        if not 0 <= self.ground_cover_ratio <= 1:
            raise ValueError(f"ground_cover_ratio must lie between 0 and 1, got {self.ground_cover_ratio}")


@dataclass(frozen=True)
class System:
    """Everything that turns irradiance on a plane into energy per kWp."""

    gamma_pdc_per_k: float = -0.0029
    """Temperature coefficient of DC power, 1/K."""
    mounting: Mounting = OPEN_RACK
    glass: Glass = STANDARD_GLASS
    losses: Losses = field(default_factory=Losses)
    dc_ac_ratio: float = 1.15
    inverter_efficiency: float = 0.98
    albedo: float = 0.2
    bifaciality: float = 0.0
    """Rear over front efficiency; 0 for a monofacial module."""
    rows: Rows = field(default_factory=Rows)

    def __post_init__(self) -> None:
        """Check physical ranges."""
        ranges = {
            "gamma_pdc_per_k": (-0.01, 0.0),
            "dc_ac_ratio": (0.3, 3.0),
            "inverter_efficiency": (0.5, 1.0),
            "albedo": (0.0, 1.0),
            "bifaciality": (0.0, 1.0),
        }
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must lie between {low} and {high}, got {getattr(self, name)}")
