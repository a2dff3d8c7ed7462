"""Records handed between stages, closed vocabularies, errors and the watch: the bottom room, which imports no other."""
