// Package replay plays the switch's side of a capture, as the switch, to a proxy or to T-Servers, and, where it is
// asked to, the T-Servers' side to a proxy, whose streams it compares with those of the capture.
//
// A capture is read twice: once for what the far side may ask and how it was answered, then message by message.
// Events and the switch's own requests are sent in their turn; an answer waits in its turn for the request that
// it is for, which is known by service and object and may come under another invoke ID. Cross reference IDs are the
// switch's to choose, and stay those of the capture. Heartbeats are not replayed: both sides send their own, and get
// their answers at once.
//
//	result, err := replay.Run(ctx, replay.Options{Files: files, Listen: "127.0.0.1:1040"}, os.Stdout)
//
// A record whose first files are gone tells what stood when it begins: who calls is given that where it asks for it. A
// proxy whose T-Servers are compared is first brought to it, by its T-Servers' requests and the events of before.
//
// With T-Servers to compare, one message is sent at a time and what followed it in the capture is waited for, so
// that what a proxy sends depends on nothing but what it got.
package replay
