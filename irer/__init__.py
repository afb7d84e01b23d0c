"""What the IRER Control Hub's programs share: docs/layout.md says where what is."""

__version__ = "11.1.0"
