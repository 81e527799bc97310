// Package client makes calls on a Selfology mesh, with what its contracts say of each: deadline, repeating, idempotency
// key.
//
//	connection, err := client.Connect("127.0.0.1:50051", client.Options{})
//	...
//	sessions := sessionv1client.NewSessionServiceClient(connection)
//	listed := sessions.IterateSessions(ctx, &sessionv1.ListSessionsRequest{UserId: 1001})
//	for listed.Next() {
//		fmt.Println(listed.Value().SessionId)
//	}
//	if err := listed.Err(); err != nil { ... }
package client
