-- Matching stored editions again with a changed lexicon. Both versions stay; the last one counts.

CREATE TABLE rematches (
    article_id UBIGINT NOT NULL, edition INTEGER NOT NULL, lexicon_version VARCHAR NOT NULL, tension DOUBLE NOT NULL, batch_id UBIGINT NOT NULL
);
COMMENT ON TABLE rematches IS 'One row for each time an edition was matched again. The one with the greatest batch_id counts; an edition without any counts as it was loaded.';
COMMENT ON COLUMN rematches.article_id IS 'As in articles.';
COMMENT ON COLUMN rematches.edition IS 'As in articles.';
COMMENT ON COLUMN rematches.lexicon_version IS 'Lexicon that was matched.';
COMMENT ON COLUMN rematches.tension IS 'As in articles, by this lexicon.';
COMMENT ON COLUMN rematches.batch_id IS 'Ledger row of the load; what was found then has the same batch_id in mentions and actor_mentions.';

ALTER TABLE batches ADD COLUMN rematched INTEGER DEFAULT 0;
ALTER TABLE batches ADD COLUMN passed_over INTEGER DEFAULT 0;
COMMENT ON COLUMN batches.kind IS 'collect, seed, backfill, watch, deliver, judge, forget or rematch: who landed it.';
COMMENT ON COLUMN batches.mentions IS 'Mentions that it brought.';
COMMENT ON COLUMN batches.rematched IS 'Editions that it matched again. rematched + passed_over = editions landed by a rematch.';
COMMENT ON COLUMN batches.passed_over IS 'Editions it matched again that are gone, have another text by now, or counted under that lexicon already.';

COMMENT ON TABLE mentions IS 'Every hit of the lexicon, with its place in the text, in every lexicon version that was matched. For counts use current_mentions.';
COMMENT ON TABLE actor_mentions IS 'Every naming of an actor, with its place in the text, in every lexicon version that was matched. For counts use current_actor_mentions.';
COMMENT ON COLUMN articles.tension IS 'Signed tension per 100 words as of its load; escalation above 0. The view corpus has the one that counts.';
COMMENT ON COLUMN articles.lexicon_version IS 'Lexicon that was matched when it was loaded. The view corpus has the one that counts.';
