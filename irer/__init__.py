"""What the IRER Control Hub's programs share: physics, metrics, search, execution, web."""

__version__ = "11.1.0"
