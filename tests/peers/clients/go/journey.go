// A person's way with the coach, by the Go client: journey HOST:PORT USER_ID
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"selfology.example/client"
	coachv1 "selfology.example/client/selfology/coach/v1"
	"selfology.example/client/selfology/coach/v1/coachv1client"
	meshv1 "selfology.example/client/selfology/mesh/v1"
	sessionv1 "selfology.example/client/selfology/session/v1"
	"selfology.example/client/selfology/session/v1/sessionv1client"
)

var answers = []string{"I love to paint and to learn new things.", "My friends and I play music together."}

func start(ctx context.Context, sessions *sessionv1client.SessionServiceClient, user int64) error {
	standing, err := sessions.GetOnboarding(ctx, &sessionv1.GetOnboardingRequest{UserId: user})
	if err != nil {
		return err
	}
	policy := standing.Onboarding.CurrentPolicyVersion
	consent := &sessionv1.RecordConsentRequest{UserId: user, Granted: true, PolicyVersion: policy}
	if _, err := sessions.RecordConsent(ctx, consent); err != nil {
		return err
	}
	// The idempotency key is the client's to make.
	begun, err := sessions.StartOnboarding(ctx, &sessionv1.StartOnboardingRequest{UserId: user, Language: "en"})
	if err != nil {
		return err
	}
	for stage := begun.Onboarding.Stage; stage == sessionv1.OnboardingStage_ONBOARDING_STAGE_STARTING; {
		time.Sleep(50 * time.Millisecond)
		standing, err := sessions.GetOnboarding(ctx, &sessionv1.GetOnboardingRequest{UserId: user})
		if err != nil {
			return err
		}
		stage = standing.Onboarding.Stage
	}
	return nil
}

func answer(
	ctx context.Context, sessions *sessionv1client.SessionServiceClient, user int64, text string,
) (int64, error) {
	for {
		stored, err := sessions.SubmitAnswer(ctx, &sessionv1.SubmitAnswerRequest{UserId: user, AnswerText: text})
		if err == nil {
			return stored.Answer.AnswerId, nil
		}
		// The next question may be on its way; then the mesh says when to come back.
		var failed *client.Error
		if !errors.As(err, &failed) || failed.Reason != meshv1.ErrorCode_ERROR_CODE_NO_QUESTION_PENDING ||
			failed.RetryAfter == nil {
			return 0, err
		}
		time.Sleep(*failed.RetryAfter)
	}
}

func talk(ctx context.Context, coach *coachv1client.CoachServiceClient, user int64) error {
	sent, err := coach.SendMessage(ctx, &coachv1.SendMessageRequest{
		UserId: user, MessageText: "I am tired of my job.", Language: "en",
	})
	if err != nil {
		return err
	}
	text := ""
	parts := coach.StreamReply(ctx, &coachv1.StreamReplyRequest{UserId: user, MessageId: sent.Message.MessageId})
	for parts.Next() {
		part := parts.Value()
		if part.Restart {
			text = ""
		}
		text += part.TextDelta
		if part.Reply != nil {
			if text == "" || part.Reply.Content != text {
				return fmt.Errorf("the reply is %q, but %q came", part.Reply.Content, text)
			}
			fmt.Println("coach:", text)
		}
	}
	return parts.Err()
}

func run(ctx context.Context, address string, user int64) error {
	connection, err := client.Connect(address, client.Options{})
	if err != nil {
		return err
	}
	defer connection.Close()
	sessions := sessionv1client.NewSessionServiceClient(connection)
	if err := start(ctx, sessions, user); err != nil {
		return err
	}
	var given, listed []int64
	for _, text := range answers {
		id, err := answer(ctx, sessions, user, text)
		if err != nil {
			return err
		}
		given = append(given, id)
	}

	// Two pages of one answer each.
	pages := sessions.IterateAnswers(ctx, &sessionv1.ListAnswersRequest{UserId: user, PageSize: 1})
	for pages.Next() {
		listed = append(listed, pages.Value().AnswerId)
	}
	if err := pages.Err(); err != nil {
		return err
	}
	if fmt.Sprint(listed) != fmt.Sprint(given) {
		return fmt.Errorf("answers %v were given, %v listed", given, listed)
	}

	if err := talk(ctx, coachv1client.NewCoachServiceClient(connection), user); err != nil {
		return err
	}

	_, err = sessions.SubmitAnswer(ctx, &sessionv1.SubmitAnswerRequest{UserId: user, AnswerText: "x"})
	var refused *client.Error
	if !errors.As(err, &refused) || refused.Reason != meshv1.ErrorCode_ERROR_CODE_INVALID_ARGUMENT ||
		len(refused.Violations) != 1 || refused.Violations[0].Field != "answer_text" {
		return fmt.Errorf("an answer of one character: %v", err)
	}
	fmt.Println("refused:", refused, refused.Violations[0].Description)
	return nil
}

func main() {
	user, err := strconv.ParseInt(os.Args[2], 10, 64)
	if err == nil {
		err = run(context.Background(), os.Args[1], user)
	}
	if err != nil {
		log.Fatal(err)
	}
}
