"""Reports of a run that is over, made of nothing but its log folder: JUnit's XML, and one page of HTML."""
