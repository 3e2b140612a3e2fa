from foveola import Micrometres, Output, operation


class Asymmetry(Output):
    ratio: float


@operation("acme.asymmetry")
def asymmetry(superior: Micrometres, inferior: Micrometres) -> Asymmetry:
    """Superior thickness divided by inferior thickness."""
    return Asymmetry(ratio=superior / inferior)
