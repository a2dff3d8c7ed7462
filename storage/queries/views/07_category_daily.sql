-- The tension index by category of concept.
CREATE OR REPLACE VIEW category_daily AS
SELECT name AS category, * EXCLUDE (kind, name) FROM tension_index WHERE kind = 'category';
COMMENT ON VIEW category_daily IS 'Tension index of each UTC day by category of concept: the share of all articles naming a watched actor in which this category is tense. A day with articles and no mention is 0.';
COMMENT ON COLUMN category_daily.category IS 'As in mentions.';
COMMENT ON COLUMN category_daily.index IS 'As in tension_index, where all columns are told.';
