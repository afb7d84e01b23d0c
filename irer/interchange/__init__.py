"""Files of other programs: fields that they wrote, judged here, and ours for their viewers.

score.score            the score of a field in a file of a known layout, or in an array
xdmf.export_xdmf       a run's fields for ParaView
readers/               one module a layout
"""
