-- The tension index by side. Rows of one kind add up to all articles: take one kind.
CREATE OR REPLACE VIEW side_daily AS
SELECT kind, name AS side, * EXCLUDE (kind, name) FROM tension_index WHERE kind IN ('country', 'owners', 'side');
COMMENT ON VIEW side_daily IS 'Tension index of each UTC day by side: one row for each country, each kind of owner and each pair of them with articles that day. Each is scaled to its own base period; compare sides by tense_share.';
COMMENT ON COLUMN side_daily.kind IS 'country (AZ), owners (state) or side (AZ state). Take one: each holds all articles.';
COMMENT ON COLUMN side_daily.side IS 'Which one, as in publisher_sides.';
COMMENT ON COLUMN side_daily.index IS 'As in tension_index, where all columns are told.';
