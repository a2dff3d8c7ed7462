-- The corpus. Instants are TIMESTAMPTZ in UTC. Wide tables are append-only and carry no index: only article_keys does.
-- batch_id is the row's place in the ledger; the reading room copies whatever is newer than what it has.

CREATE TABLE batches (
    batch_id UBIGINT NOT NULL, name VARCHAR NOT NULL, kind VARCHAR NOT NULL, landed_at TIMESTAMPTZ NOT NULL,
    loaded_at TIMESTAMPTZ NOT NULL, articles INTEGER NOT NULL, editions INTEGER NOT NULL, duplicates INTEGER NOT NULL,
    forgotten INTEGER NOT NULL, replaced INTEGER NOT NULL DEFAULT 0, entries INTEGER NOT NULL, feed_fetches INTEGER NOT NULL, mentions INTEGER NOT NULL, code_version VARCHAR NOT NULL
);
COMMENT ON TABLE batches IS 'The ledger: one row for each landed batch that was loaded, in the transaction that loaded it.';
COMMENT ON COLUMN batches.batch_id IS 'Counts up by one; the greatest is the corpus watermark.';
COMMENT ON COLUMN batches.name IS 'Name of the landed batch. A name that stands here is never loaded again.';
COMMENT ON COLUMN batches.kind IS 'collect, seed, backfill, watch, deliver, judge or forget: who landed it.';
COMMENT ON COLUMN batches.landed_at IS 'When it was written to landing/ (UTC).';
COMMENT ON COLUMN batches.loaded_at IS 'When its transaction was committed (UTC).';
COMMENT ON COLUMN batches.articles IS 'New articles in it.';
COMMENT ON COLUMN batches.editions IS 'Changed texts of known articles in it.';
COMMENT ON COLUMN batches.duplicates IS 'Articles in it that the corpus already had with the same text. articles + editions + duplicates + forgotten = articles landed.';
COMMENT ON COLUMN batches.forgotten IS 'Articles in it that a tombstone kept out.';
COMMENT ON COLUMN batches.replaced IS 'Abstracts of seeds in it whose place a full text took since. Counts towards articles landed.';
COMMENT ON COLUMN batches.entries IS 'Entry rows in it.';
COMMENT ON COLUMN batches.feed_fetches IS 'Polls in it.';
COMMENT ON COLUMN batches.mentions IS 'Mentions of its new articles and editions.';
COMMENT ON COLUMN batches.code_version IS 'Version of tensionwatch that loaded it.';

CREATE TABLE feeds (
    url VARCHAR NOT NULL, publisher VARCHAR NOT NULL, homepage VARCHAR, country VARCHAR, language VARCHAR, kind VARCHAR,
    ownership VARCHAR, rights VARCHAR NOT NULL, expected_per_day DOUBLE, evidence VARCHAR, confidence VARCHAR, active BOOLEAN NOT NULL
);
COMMENT ON TABLE feeds IS 'The feeds of the watch, as of the last load.';
COMMENT ON COLUMN feeds.url IS 'Address in feeds.csv; the key.';
COMMENT ON COLUMN feeds.publisher IS 'Who publishes it.';
COMMENT ON COLUMN feeds.homepage IS 'The publisher''s front page.';
COMMENT ON COLUMN feeds.country IS 'Country of the publisher, ISO 3166-1 alpha-2.';
COMMENT ON COLUMN feeds.language IS 'Language of most of its texts, BCP 47; und when mixed.';
COMMENT ON COLUMN feeds.kind IS 'rss, atom, rdf, json or news-sitemap.';
COMMENT ON COLUMN feeds.ownership IS 'state, agency, private, independent, exile, public-service, ngo, igo …, as labelled in the watch.';
COMMENT ON COLUMN feeds.rights IS 'full, excerpt or headline: what a report may quote.';
COMMENT ON COLUMN feeds.expected_per_day IS 'Entries a day the watch expects; empty when it does not say.';
COMMENT ON COLUMN feeds.evidence IS 'Where the address was seen working.';
COMMENT ON COLUMN feeds.confidence IS 'high, medium or low: how sure the watch is of the address.';
COMMENT ON COLUMN feeds.active IS 'False when the feed has left feeds.csv.';

CREATE TABLE feed_fetches (
    feed_url VARCHAR NOT NULL, fetched_at TIMESTAMPTZ NOT NULL, outcome VARCHAR NOT NULL, http_status INTEGER NOT NULL,
    new INTEGER NOT NULL, duplicate INTEGER NOT NULL, rejected INTEGER NOT NULL, detail VARCHAR NOT NULL, batch_id UBIGINT NOT NULL
);
COMMENT ON TABLE feed_fetches IS 'Every poll of every feed. Entries in the feed = new + duplicate + rejected.';
COMMENT ON COLUMN feed_fetches.feed_url IS 'The feed, as in feeds.url.';
COMMENT ON COLUMN feed_fetches.fetched_at IS 'When it was asked (UTC).';
COMMENT ON COLUMN feed_fetches.outcome IS 'ok, not-modified, unchanged, or why there is no feed: the FetchOutcome list of the docs.';
COMMENT ON COLUMN feed_fetches.http_status IS 'Status of the last answer; 0 when there was none.';
COMMENT ON COLUMN feed_fetches.new IS 'Entries never seen before.';
COMMENT ON COLUMN feed_fetches.duplicate IS 'Entries seen before.';
COMMENT ON COLUMN feed_fetches.rejected IS 'Items that cannot be followed; the reasons stand in entries.';
COMMENT ON COLUMN feed_fetches.detail IS 'One line for a person.';
COMMENT ON COLUMN feed_fetches.batch_id IS 'Ledger row of the load.';

CREATE TABLE entries (
    feed_url VARCHAR NOT NULL, entry_id VARCHAR NOT NULL, url VARCHAR NOT NULL, canonical_url VARCHAR NOT NULL, title VARCHAR NOT NULL,
    published_at TIMESTAMPTZ, first_seen_at TIMESTAMPTZ NOT NULL, outcome VARCHAR NOT NULL, reason VARCHAR NOT NULL,
    article_id UBIGINT, batch_id UBIGINT NOT NULL
);
COMMENT ON TABLE entries IS 'Every entry ever seen, with what became of it. Key: feed_url, entry_id.';
COMMENT ON COLUMN entries.feed_url IS 'The feed that carried it.';
COMMENT ON COLUMN entries.entry_id IS 'Its identity within the feed: guid, else canonical URL, else a hash of the title.';
COMMENT ON COLUMN entries.url IS 'Its link as the feed gave it.';
COMMENT ON COLUMN entries.canonical_url IS 'The link without tracking, in normal form.';
COMMENT ON COLUMN entries.title IS 'Its last title in the feed.';
COMMENT ON COLUMN entries.published_at IS 'According to the feed (UTC); empty when it does not say.';
COMMENT ON COLUMN entries.first_seen_at IS 'When we first saw it (UTC).';
COMMENT ON COLUMN entries.outcome IS 'article, duplicate or rejected; the empty string while pending.';
COMMENT ON COLUMN entries.reason IS 'Why it was rejected: the RejectReason list of the docs.';
COMMENT ON COLUMN entries.article_id IS 'The article it led to.';
COMMENT ON COLUMN entries.batch_id IS 'Ledger row of its last change.';

CREATE TABLE article_keys (article_id UBIGINT PRIMARY KEY);
COMMENT ON TABLE article_keys IS 'The one index: which articles the corpus has.';
COMMENT ON COLUMN article_keys.article_id IS 'First 64 bits of the SHA-256 of the canonical URL.';

CREATE TABLE articles (
    article_id UBIGINT NOT NULL, edition INTEGER NOT NULL, url VARCHAR NOT NULL, canonical_url VARCHAR NOT NULL, publisher VARCHAR NOT NULL,
    title VARCHAR NOT NULL, authors VARCHAR[] NOT NULL, published_at TIMESTAMPTZ, published_at_source VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL, counted_at TIMESTAMPTZ NOT NULL, fetched_at TIMESTAMPTZ NOT NULL, language VARCHAR NOT NULL,
    word_count INTEGER NOT NULL, text_hash VARCHAR NOT NULL, origin VARCHAR NOT NULL, extractor_version VARCHAR NOT NULL,
    is_history BOOLEAN NOT NULL, tension DOUBLE NOT NULL, feed_url VARCHAR NOT NULL, lexicon_version VARCHAR NOT NULL, batch_id UBIGINT NOT NULL
);
COMMENT ON TABLE articles IS 'One row for each edition of each article. Key: article_id, edition.';
COMMENT ON COLUMN articles.article_id IS 'First 64 bits of the SHA-256 of the canonical URL.';
COMMENT ON COLUMN articles.edition IS '1 for the first text seen, one more for each changed text. Only edition 1 counts.';
COMMENT ON COLUMN articles.url IS 'Where it was read.';
COMMENT ON COLUMN articles.canonical_url IS 'Its address in normal form: what identifies it.';
COMMENT ON COLUMN articles.publisher IS 'As in feeds.publisher.';
COMMENT ON COLUMN articles.title IS 'The page''s headline.';
COMMENT ON COLUMN articles.authors IS 'As the page names them.';
COMMENT ON COLUMN articles.published_at IS 'Publication time (UTC); empty when neither feed nor page says.';
COMMENT ON COLUMN articles.published_at_source IS 'Whose claim that is: feed, json-ld, meta, page, url, manifest or none.';
COMMENT ON COLUMN articles.first_seen_at IS 'When we first saw its entry (UTC).';
COMMENT ON COLUMN articles.counted_at IS 'The time it counts at (UTC): published_at when that lies at most 48 h before first_seen_at or the article is history, else first_seen_at.';
COMMENT ON COLUMN articles.fetched_at IS 'When this edition was fetched (UTC).';
COMMENT ON COLUMN articles.language IS 'Detected from the text, BCP 47.';
COMMENT ON COLUMN articles.word_count IS 'Words in the text.';
COMMENT ON COLUMN articles.text_hash IS 'SHA-256 of title and text: what makes an edition.';
COMMENT ON COLUMN articles.origin IS 'seed, feed or backfill.';
COMMENT ON COLUMN articles.extractor_version IS 'What turned the page into text.';
COMMENT ON COLUMN articles.is_history IS 'True for seeds, backfills, a feed''s first poll and late arrivals: part of baselines, but never opens an alert by arriving.';
COMMENT ON COLUMN articles.tension IS 'Signed tension per 100 words; escalation above 0.';
COMMENT ON COLUMN articles.feed_url IS 'The feed that led to it; empty for seeds.';
COMMENT ON COLUMN articles.lexicon_version IS 'Lexicon that was matched when it was loaded.';
COMMENT ON COLUMN articles.batch_id IS 'Ledger row of the load.';

CREATE TABLE article_texts (article_id UBIGINT NOT NULL, edition INTEGER NOT NULL, text VARCHAR USING COMPRESSION zstd NOT NULL, batch_id UBIGINT NOT NULL);
COMMENT ON TABLE article_texts IS 'The clean text of each edition.';
COMMENT ON COLUMN article_texts.article_id IS 'As in articles.';
COMMENT ON COLUMN article_texts.edition IS 'As in articles.';
COMMENT ON COLUMN article_texts.text IS 'Clean text; paragraphs are lines.';
COMMENT ON COLUMN article_texts.batch_id IS 'Ledger row of the load.';

CREATE TABLE mentions (
    article_id UBIGINT NOT NULL, edition INTEGER NOT NULL, concept_id VARCHAR NOT NULL, category VARCHAR NOT NULL, field VARCHAR NOT NULL,
    start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL, surface VARCHAR NOT NULL, actor_ids VARCHAR[] NOT NULL,
    lexicon_version VARCHAR NOT NULL, direction VARCHAR NOT NULL, weight DOUBLE NOT NULL, mark VARCHAR NOT NULL, batch_id UBIGINT NOT NULL
);
COMMENT ON TABLE mentions IS 'Every hit of the lexicon, with its place in the text.';
COMMENT ON COLUMN mentions.article_id IS 'As in articles.';
COMMENT ON COLUMN mentions.edition IS 'The edition it stands in.';
COMMENT ON COLUMN mentions.concept_id IS 'Concept of lexicon.csv.';
COMMENT ON COLUMN mentions.category IS 'Category of the concept.';
COMMENT ON COLUMN mentions.field IS 'title or text.';
COMMENT ON COLUMN mentions.start_offset IS 'First character in the field, counted from 0.';
COMMENT ON COLUMN mentions.end_offset IS 'One past its last character.';
COMMENT ON COLUMN mentions.surface IS 'The words as they stand there.';
COMMENT ON COLUMN mentions.actor_ids IS 'Actors named in the same sentence.';
COMMENT ON COLUMN mentions.lexicon_version IS 'Hash of the lexicon files that found it.';
COMMENT ON COLUMN mentions.direction IS 'escalation or de-escalation.';
COMMENT ON COLUMN mentions.weight IS 'Signed weight: escalation above 0, de-escalation below, 0 when the mark takes it all.';
COMMENT ON COLUMN mentions.mark IS 'Empty when asserted; negated, conditional or historic.';
COMMENT ON COLUMN mentions.batch_id IS 'Ledger row of the load.';

CREATE TABLE actor_mentions (
    article_id UBIGINT NOT NULL, edition INTEGER NOT NULL, actor_id VARCHAR NOT NULL, field VARCHAR NOT NULL,
    start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL, surface VARCHAR NOT NULL, lexicon_version VARCHAR NOT NULL, batch_id UBIGINT NOT NULL
);
COMMENT ON TABLE actor_mentions IS 'Every naming of an actor, with its place in the text.';
COMMENT ON COLUMN actor_mentions.article_id IS 'As in articles.';
COMMENT ON COLUMN actor_mentions.edition IS 'The edition it stands in.';
COMMENT ON COLUMN actor_mentions.actor_id IS 'Actor of actors.csv.';
COMMENT ON COLUMN actor_mentions.field IS 'title or text.';
COMMENT ON COLUMN actor_mentions.start_offset IS 'First character in the field, counted from 0.';
COMMENT ON COLUMN actor_mentions.end_offset IS 'One past its last character.';
COMMENT ON COLUMN actor_mentions.surface IS 'The words as they stand there.';
COMMENT ON COLUMN actor_mentions.lexicon_version IS 'Hash of the lexicon files that found it.';
COMMENT ON COLUMN actor_mentions.batch_id IS 'Ledger row of the load.';

CREATE TABLE article_signatures (article_id UBIGINT NOT NULL, edition INTEGER NOT NULL, seen_at TIMESTAMPTZ NOT NULL, signature UINTEGER[] NOT NULL, batch_id UBIGINT NOT NULL);
COMMENT ON TABLE article_signatures IS 'MinHash of each text long enough to compare; what stories are found with.';
COMMENT ON COLUMN article_signatures.article_id IS 'As in articles.';
COMMENT ON COLUMN article_signatures.edition IS 'As in articles.';
COMMENT ON COLUMN article_signatures.seen_at IS 'counted_at of the article: the window of days runs over it, so that a backfilled year is not one day.';
COMMENT ON COLUMN article_signatures.signature IS '128 permutations; equal shares estimate the Jaccard similarity of the word 3-grams.';
COMMENT ON COLUMN article_signatures.batch_id IS 'Ledger row of the load.';

CREATE TABLE story_bands (band UBIGINT NOT NULL, article_id UBIGINT NOT NULL, seen_at TIMESTAMPTZ NOT NULL, batch_id UBIGINT NOT NULL);
COMMENT ON TABLE story_bands IS 'Hashes of groups of a signature; two texts that share one are compared.';
COMMENT ON COLUMN story_bands.band IS 'Hash of one group, its number mixed in.';
COMMENT ON COLUMN story_bands.article_id IS 'As in articles.';
COMMENT ON COLUMN story_bands.seen_at IS 'As in article_signatures.';
COMMENT ON COLUMN story_bands.batch_id IS 'Ledger row of the load.';

CREATE TABLE story_members (
    story_id UBIGINT NOT NULL, article_id UBIGINT NOT NULL, similarity DOUBLE NOT NULL, joined_at TIMESTAMPTZ NOT NULL, batch_id UBIGINT NOT NULL
);
COMMENT ON TABLE story_members IS 'Which story an article tells. One row for each article; a story is one original text, however often copied.';
COMMENT ON COLUMN story_members.story_id IS 'The article_id of the story''s first article.';
COMMENT ON COLUMN story_members.article_id IS 'As in articles.';
COMMENT ON COLUMN story_members.similarity IS 'Estimated Jaccard similarity to the member it joined by; 1 for the first.';
COMMENT ON COLUMN story_members.joined_at IS 'first_seen_at of the article (UTC).';
COMMENT ON COLUMN story_members.batch_id IS 'Ledger row of the load.';

CREATE TABLE concepts (concept_id VARCHAR NOT NULL, category VARCHAR NOT NULL, direction VARCHAR NOT NULL, weight DOUBLE NOT NULL, gloss VARCHAR NOT NULL);
COMMENT ON TABLE concepts IS 'Concepts of the watch''s lexicon, as of the last load.';
COMMENT ON COLUMN concepts.concept_id IS 'As in mentions.';
COMMENT ON COLUMN concepts.category IS 'Its category.';
COMMENT ON COLUMN concepts.direction IS 'escalation or de-escalation.';
COMMENT ON COLUMN concepts.weight IS '1 to 5.';
COMMENT ON COLUMN concepts.gloss IS 'What it means, in English.';

CREATE TABLE actors (actor_id VARCHAR NOT NULL, kind VARCHAR NOT NULL, name VARCHAR NOT NULL, country VARCHAR NOT NULL);
COMMENT ON TABLE actors IS 'Actors of the watch, as of the last load.';
COMMENT ON COLUMN actors.actor_id IS 'As in mentions.actor_ids.';
COMMENT ON COLUMN actors.kind IS 'country, person, organisation, place or infrastructure.';
COMMENT ON COLUMN actors.name IS 'In English.';
COMMENT ON COLUMN actors.country IS 'actor_id of the country it stands for; empty for none.';

CREATE TABLE evaluations (
    series VARCHAR NOT NULL, day DATE NOT NULL, as_of TIMESTAMPTZ NOT NULL, window_days DOUBLE NOT NULL, state VARCHAR NOT NULL,
    observed DOUBLE NOT NULL, expected DOUBLE NOT NULL, variance DOUBLE NOT NULL, ratio DOUBLE NOT NULL, p DOUBLE NOT NULL, evidence DOUBLE NOT NULL,
    exposure DOUBLE NOT NULL, total DOUBLE NOT NULL, publishers INTEGER NOT NULL, stories INTEGER NOT NULL,
    residual DOUBLE, parameters VARCHAR NOT NULL, rule_hash VARCHAR NOT NULL, code_version VARCHAR NOT NULL, watermark UBIGINT NOT NULL, batch_id UBIGINT NOT NULL
);
COMMENT ON TABLE evaluations IS 'Every series-day tested, with all numbers. Key: series, day, as_of; the last as_of of a day is its final word.';
COMMENT ON COLUMN evaluations.series IS 'Name of the series: concept:…, category:…, relation:… or a [[series]] of the watch.';
COMMENT ON COLUMN evaluations.day IS 'The day tested, in the watch''s zone.';
COMMENT ON COLUMN evaluations.as_of IS 'The clock of the test (UTC): nothing later was looked at.';
COMMENT ON COLUMN evaluations.window_days IS 'The window with the most evidence: 1, 3 or 7 days; parts of a day below 1.';
COMMENT ON COLUMN evaluations.state IS 'warming-up, no-data, quiet, watch, alert, high or critical.';
COMMENT ON COLUMN evaluations.observed IS 'Stories counted in the window.';
COMMENT ON COLUMN evaluations.expected IS 'Stories expected in it from the baseline and the exposure.';
COMMENT ON COLUMN evaluations.variance IS 'Variance of that expectation.';
COMMENT ON COLUMN evaluations.ratio IS 'observed / expected.';
COMMENT ON COLUMN evaluations.p IS 'Negative-binomial tail P(X >= observed) of the window; of silence P(X <= observed).';
COMMENT ON COLUMN evaluations.evidence IS 'How unlike a quiet day it is: a Bayes factor over windows and sizes of event, as -log10 of the share of quiet days that reach it. See docs/detection.md.';
COMMENT ON COLUMN evaluations.exposure IS 'Expected count of the window by publishers'' totals alone.';
COMMENT ON COLUMN evaluations.total IS 'All stories of the window.';
COMMENT ON COLUMN evaluations.publishers IS 'Distinct publishers in the window.';
COMMENT ON COLUMN evaluations.stories IS 'Distinct stories in the window, before the cap per publisher.';
COMMENT ON COLUMN evaluations.residual IS 'Anscombe residual of the day, frozen when computed.';
COMMENT ON COLUMN evaluations.parameters IS 'The detector''s settings as JSON.';
COMMENT ON COLUMN evaluations.rule_hash IS 'Hash of series rule and settings.';
COMMENT ON COLUMN evaluations.code_version IS 'Version of tensionwatch that evaluated.';
COMMENT ON COLUMN evaluations.watermark IS 'Greatest batch_id it could see.';
COMMENT ON COLUMN evaluations.batch_id IS 'Ledger row of the load.';

CREATE TABLE alerts (
    alert_id VARCHAR NOT NULL, series VARCHAR NOT NULL, opened_at TIMESTAMPTZ NOT NULL, closed_at TIMESTAMPTZ, severity VARCHAR NOT NULL,
    observed DOUBLE NOT NULL, expected DOUBLE NOT NULL, ratio DOUBLE NOT NULL, evidence DOUBLE NOT NULL, window_days DOUBLE NOT NULL,
    publishers INTEGER NOT NULL, stories INTEGER NOT NULL, summary VARCHAR NOT NULL, told VARCHAR NOT NULL, query VARCHAR NOT NULL, parameters VARCHAR NOT NULL,
    rule_hash VARCHAR NOT NULL, code_version VARCHAR NOT NULL, watermark UBIGINT NOT NULL, updated_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL, quiet_days INTEGER NOT NULL, close_reason VARCHAR NOT NULL, category VARCHAR NOT NULL, batch_id UBIGINT NOT NULL
);
COMMENT ON TABLE alerts IS 'One row for each alert, as it stands now. The numbers are those of its last update.';
COMMENT ON COLUMN alerts.alert_id IS 'Hash of series and opened_at: the same data give the same id.';
COMMENT ON COLUMN alerts.series IS 'As in evaluations.';
COMMENT ON COLUMN alerts.opened_at IS 'as_of of the evaluation that opened it (UTC).';
COMMENT ON COLUMN alerts.closed_at IS 'as_of of the evaluation that closed it; empty while open.';
COMMENT ON COLUMN alerts.severity IS 'watch, alert, high or critical: the highest reached.';
COMMENT ON COLUMN alerts.observed IS 'As in evaluations.';
COMMENT ON COLUMN alerts.expected IS 'As in evaluations.';
COMMENT ON COLUMN alerts.ratio IS 'As in evaluations.';
COMMENT ON COLUMN alerts.evidence IS 'As in evaluations.';
COMMENT ON COLUMN alerts.window_days IS 'As in evaluations.';
COMMENT ON COLUMN alerts.publishers IS 'As in evaluations.';
COMMENT ON COLUMN alerts.stories IS 'As in evaluations.';
COMMENT ON COLUMN alerts.summary IS 'The text that was sent.';
COMMENT ON COLUMN alerts.told IS 'The message of its last revision as JSON: what webhooks get.';
COMMENT ON COLUMN alerts.query IS 'SQL that lists the articles behind it; runs in the reading room as it stands.';
COMMENT ON COLUMN alerts.parameters IS 'The detector''s settings as JSON.';
COMMENT ON COLUMN alerts.rule_hash IS 'Hash of series rule and settings.';
COMMENT ON COLUMN alerts.code_version IS 'Version of tensionwatch that decided.';
COMMENT ON COLUMN alerts.watermark IS 'Greatest batch_id it could see.';
COMMENT ON COLUMN alerts.updated_at IS 'as_of of the last change (UTC).';
COMMENT ON COLUMN alerts.revision IS '1 when opened, one more for each change that was told.';
COMMENT ON COLUMN alerts.quiet_days IS 'Days with data since the evidence fell below the keep level.';
COMMENT ON COLUMN alerts.close_reason IS 'quiet, new-level or corrected; empty while open.';
COMMENT ON COLUMN alerts.category IS 'Category of the series; relation for a pair; drop, novelty for those rules.';
COMMENT ON COLUMN alerts.batch_id IS 'Ledger row of its last change.';

CREATE TABLE alert_articles (
    alert_id VARCHAR NOT NULL, article_id UBIGINT NOT NULL, edition INTEGER NOT NULL, story_id UBIGINT NOT NULL, position INTEGER NOT NULL,
    quote VARCHAR NOT NULL, batch_id UBIGINT NOT NULL
);
COMMENT ON TABLE alert_articles IS 'What an alert cites. Never removed by retention.';
COMMENT ON COLUMN alert_articles.alert_id IS 'As in alerts.';
COMMENT ON COLUMN alert_articles.article_id IS 'As in articles.';
COMMENT ON COLUMN alert_articles.edition IS 'The edition that was read.';
COMMENT ON COLUMN alert_articles.story_id IS 'As in story_members.';
COMMENT ON COLUMN alert_articles.position IS 'Its place in the summary, from 1; 0 when it is not quoted there.';
COMMENT ON COLUMN alert_articles.quote IS 'The sentence quoted.';
COMMENT ON COLUMN alert_articles.batch_id IS 'Ledger row of the load.';

CREATE TABLE judgements (alert_id VARCHAR NOT NULL, judgement VARCHAR NOT NULL, judged_at TIMESTAMPTZ NOT NULL, note VARCHAR NOT NULL, batch_id UBIGINT NOT NULL);
COMMENT ON TABLE judgements IS 'What people said of alerts; the last row of an alert holds.';
COMMENT ON COLUMN judgements.alert_id IS 'As in alerts.';
COMMENT ON COLUMN judgements.judgement IS 'real, false or known.';
COMMENT ON COLUMN judgements.judged_at IS 'When (UTC).';
COMMENT ON COLUMN judgements.note IS 'In their words.';
COMMENT ON COLUMN judgements.batch_id IS 'Ledger row of the load.';

CREATE TABLE deliveries (
    delivery_id VARCHAR NOT NULL, alert_id VARCHAR NOT NULL, revision INTEGER NOT NULL, channel VARCHAR NOT NULL, attempted_at TIMESTAMPTZ NOT NULL,
    outcome VARCHAR NOT NULL, detail VARCHAR NOT NULL, batch_id UBIGINT NOT NULL
);
COMMENT ON TABLE deliveries IS 'Every attempt to tell a channel. A delivery_id that was sent is never sent again.';
COMMENT ON COLUMN deliveries.delivery_id IS 'Hash of alert_id, revision and channel; sent as the Idempotency-Key of a webhook.';
COMMENT ON COLUMN deliveries.alert_id IS 'As in alerts.';
COMMENT ON COLUMN deliveries.revision IS 'Which state of the alert was told.';
COMMENT ON COLUMN deliveries.channel IS 'Name of the channel in watch.toml.';
COMMENT ON COLUMN deliveries.attempted_at IS 'When (UTC).';
COMMENT ON COLUMN deliveries.outcome IS 'sent, failed or skipped.';
COMMENT ON COLUMN deliveries.detail IS 'Why, in one line.';
COMMENT ON COLUMN deliveries.batch_id IS 'Ledger row of the load.';

CREATE TABLE tombstones (target VARCHAR NOT NULL, kind VARCHAR NOT NULL, forgotten_at TIMESTAMPTZ NOT NULL);
COMMENT ON TABLE tombstones IS 'What `tensionwatch forget` erased and keeps out.';
COMMENT ON COLUMN tombstones.target IS 'SHA-256 of a canonical URL, or a publisher''s name.';
COMMENT ON COLUMN tombstones.kind IS 'url or publisher.';
COMMENT ON COLUMN tombstones.forgotten_at IS 'When (UTC).';

CREATE TABLE schema_version (version INTEGER NOT NULL, name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL);
COMMENT ON TABLE schema_version IS 'Migrations applied to this file.';
COMMENT ON COLUMN schema_version.version IS 'Number of the migration.';
COMMENT ON COLUMN schema_version.name IS 'Its file name.';
COMMENT ON COLUMN schema_version.sha256 IS 'SHA-256 of its text.';
COMMENT ON COLUMN schema_version.applied_at IS 'When (UTC).';
