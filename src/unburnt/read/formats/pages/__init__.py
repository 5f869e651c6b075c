"""Pages and pictures: what is drawn rather than typed."""
