// A person's way with the coach, by the TypeScript client: node journey.js HOST:PORT USER_ID
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { Connection, SelfologyError } from "@selfology/client";
import { CoachServiceClient } from "@selfology/client/coach/v1/coach_service_client";
import { ErrorCode } from "@selfology/client/mesh/v1/error_pb";
import { SessionServiceClient } from "@selfology/client/session/v1/session_service_client";
import { OnboardingStage } from "@selfology/client/session/v1/session_pb";

const answers = ["I love to paint and to learn new things.", "My friends and I play music together."];

async function start(sessions: SessionServiceClient, userId: bigint): Promise<void> {
  const { onboarding } = await sessions.getOnboarding({ userId });
  await sessions.recordConsent({ userId, granted: true, policyVersion: onboarding?.currentPolicyVersion ?? "" });
  // The idempotency key is the client's to make.
  let stage = (await sessions.startOnboarding({ userId, language: "en" })).onboarding?.stage;
  while (stage === OnboardingStage.STARTING) {
    await setTimeout(50);
    stage = (await sessions.getOnboarding({ userId })).onboarding?.stage;
  }
}

async function answer(sessions: SessionServiceClient, userId: bigint, answerText: string): Promise<bigint | undefined> {
  for (;;) {
    try {
      return (await sessions.submitAnswer({ userId, answerText })).answer?.answerId;
    } catch (error) {
      // The next question may be on its way; then the mesh says when to come back.
      if (!(error instanceof SelfologyError) || error.reason !== ErrorCode.NO_QUESTION_PENDING) throw error;
      if (error.retryAfterMs === undefined) throw error;
      await setTimeout(error.retryAfterMs);
    }
  }
}

async function main(address: string, userId: bigint): Promise<void> {
  const connection = new Connection(`http://${address}`);
  const sessions = new SessionServiceClient(connection);
  await start(sessions, userId);
  const given: unknown[] = [];
  for (const text of answers) given.push(await answer(sessions, userId, text));

  // Two pages of one answer each.
  const listed: unknown[] = [];
  for await (const stored of sessions.iterateAnswers({ userId, pageSize: 1 })) listed.push(stored.answerId);
  assert.deepEqual(listed, given);

  const coach = new CoachServiceClient(connection);
  const { message } = await coach.sendMessage({ userId, messageText: "I am tired of my job.", language: "en" });
  assert(message);
  let text = "";
  for await (const part of coach.streamReply({ userId, messageId: message.messageId })) {
    text = part.restart ? part.textDelta : text + part.textDelta;
    if (part.reply) {
      assert.equal(part.reply.content, text);
      assert.notEqual(text, "");
      console.log("coach:", text);
    }
  }

  await assert.rejects(sessions.submitAnswer({ userId, answerText: "x" }), (error) => {
    assert(error instanceof SelfologyError);
    assert.equal(error.reason, ErrorCode.INVALID_ARGUMENT);
    assert.deepEqual(error.violations.map(({ field }) => field), ["answer_text"]);
    console.log("refused:", error.message, error.violations[0]?.description);
    return true;
  });
}

const [address = "", userId = ""] = process.argv.slice(2);
await main(address, BigInt(userId));
