-- Metrics of service for DuckDB, over a view or table `conversations` that holds the records of an export.
--
--   conversation_metrics   a row for each conversation
--   metrics_by_queue       a row for each queue
--   metrics_by_agent       a row for each agent and kind of agent
--
-- The definitions follow Intercom's `time_to_admin_reply`, `median_time_to_reply` and handling time. Every hour counts:
-- records have no office hours. `messages`, `rated_good` and `rated_bad` count all messages. All other columns leave out
-- messages without a time, messages of an unknown role, events of the platform, and surveys.

CREATE OR REPLACE VIEW spoken_messages AS
SELECT ref, position, message.role AS role, message.speaker AS speaker, message.sent_at AS sent_at
FROM conversations, unnest(messages) WITH ORDINALITY AS each(message, position)
WHERE message.role IN ('customer', 'agent') AND message.sent_at IS NOT NULL AND NOT coalesce(message.is_survey, false);

-- Time that customers wait for an answer of any agent (`any`), of a bot (`bot`) and of a person (`human`). A wait begins
-- with the customer's first message that has no answer yet, and ends with the next message of such an agent. Messages of
-- other agents do not end it: a bot's answer does not end the wait for a person.
CREATE OR REPLACE VIEW waits AS
WITH dialogues AS (
    SELECT ref, position, role, sent_at, answerer
    FROM spoken_messages, (VALUES ('any'), ('bot'), ('human')) AS answerers(answerer)
    WHERE role = 'customer' OR answerer IN ('any', speaker)
),
turns AS (
    SELECT *, lag(role) OVER (PARTITION BY ref, answerer ORDER BY position) AS role_before FROM dialogues
),
numbered AS (
    SELECT *, count(*) FILTER (role = 'customer' AND role_before IS DISTINCT FROM 'customer')
        OVER (PARTITION BY ref, answerer ORDER BY position) AS number
    FROM turns
)
SELECT ref, answerer, number, min(sent_at) FILTER (role = 'customer') AS asked_at,
    min(sent_at) FILTER (role = 'agent') AS answered_at,
    date_diff('microsecond', asked_at, answered_at) / 1e6 AS seconds
FROM numbered WHERE number > 0 GROUP BY ref, answerer, number;

CREATE OR REPLACE VIEW conversation_metrics AS
WITH responses AS (
    SELECT ref,
        min(seconds) FILTER (number = 1 AND answerer = 'any') AS first_response_seconds,
        min(seconds) FILTER (number = 1 AND answerer = 'bot') AS first_bot_response_seconds,
        min(seconds) FILTER (number = 1 AND answerer = 'human') AS first_human_response_seconds,
        median(seconds) FILTER (answerer = 'any') AS median_response_seconds,
        median(seconds) FILTER (answerer = 'bot') AS median_bot_response_seconds,
        median(seconds) FILTER (answerer = 'human') AS median_human_response_seconds
    FROM waits GROUP BY ref
),
pauses AS (
    SELECT *, date_diff('microsecond', lag(sent_at) OVER (PARTITION BY ref ORDER BY position), sent_at) / 1e6 AS silence
    FROM spoken_messages
),
counts AS (
    SELECT ref,
        count(*) FILTER (role = 'customer') AS customer_messages,
        count(*) FILTER (role = 'agent') AS agent_messages,
        count(*) FILTER (speaker = 'bot') AS bot_messages,
        count(*) FILTER (speaker = 'human') AS human_messages,
        max(silence) AS longest_silence_seconds,
        min(sent_at) FILTER (speaker = 'human') AS first_human_message_at
    FROM pauses GROUP BY ref
)
SELECT ref, provider, status, completeness.verdict AS completeness, created_at,
    coalesce(queue.name, queue.id) AS queue, coalesce(agent.name, agent.id) AS agent, agent.kind AS agent_kind,
    len(messages) AS messages,
    coalesce(customer_messages, 0) AS customer_messages, coalesce(agent_messages, 0) AS agent_messages,
    coalesce(bot_messages, 0) AS bot_messages, coalesce(human_messages, 0) AS human_messages,
    -- Time from the customer's first message to the first answer.
    first_response_seconds, first_bot_response_seconds, first_human_response_seconds,
    -- Median of all waits that ended with an answer.
    median_response_seconds, median_bot_response_seconds, median_human_response_seconds,
    -- Longest time between two consecutive messages.
    longest_silence_seconds,
    -- Closed conversations: time from the first message of a person to the end. No record says when it was assigned.
    CASE WHEN status = 'closed' AND ended_at >= first_human_message_at
        THEN date_diff('microsecond', first_human_message_at, ended_at) / 1e6 END AS handle_seconds,
    -- Closed conversations: time from the creation to the end.
    CASE WHEN status = 'closed' AND ended_at >= created_at
        THEN date_diff('microsecond', created_at, ended_at) / 1e6 END AS time_to_close_seconds,
    -- NULL if the conversation was not evaluated, so averages are over evaluated conversations.
    evaluation.score AS score, evaluation.final_score AS final_score,
    len(list_filter(messages, lambda message: message.rating = 'good')) AS rated_good,
    len(list_filter(messages, lambda message: message.rating = 'bad')) AS rated_bad
FROM conversations LEFT JOIN responses USING (ref) LEFT JOIN counts USING (ref);

CREATE OR REPLACE VIEW metrics_by_queue AS
SELECT queue, count(*) AS conversations,
    median(first_response_seconds) AS first_response_seconds,
    median(first_bot_response_seconds) AS first_bot_response_seconds,
    median(first_human_response_seconds) AS first_human_response_seconds,
    median(median_response_seconds) AS median_response_seconds,
    median(handle_seconds) AS handle_seconds,
    median(time_to_close_seconds) AS time_to_close_seconds,
    count(final_score) AS evaluated, avg(final_score) AS final_score,
    sum(rated_good)::BIGINT AS rated_good, sum(rated_bad)::BIGINT AS rated_bad
FROM conversation_metrics GROUP BY queue ORDER BY queue;

CREATE OR REPLACE VIEW metrics_by_agent AS
SELECT agent, agent_kind, count(*) AS conversations,
    median(first_response_seconds) AS first_response_seconds,
    median(first_bot_response_seconds) AS first_bot_response_seconds,
    median(first_human_response_seconds) AS first_human_response_seconds,
    median(median_response_seconds) AS median_response_seconds,
    median(handle_seconds) AS handle_seconds,
    median(time_to_close_seconds) AS time_to_close_seconds,
    count(final_score) AS evaluated, avg(final_score) AS final_score,
    sum(rated_good)::BIGINT AS rated_good, sum(rated_bad)::BIGINT AS rated_bad
FROM conversation_metrics GROUP BY agent, agent_kind ORDER BY agent, agent_kind;
