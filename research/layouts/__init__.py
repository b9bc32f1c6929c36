"""PDFs of known truth in the layouts that break readers: line numbers, panels, boxes, figures, hanging labels."""
