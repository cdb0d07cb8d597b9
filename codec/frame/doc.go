// Package frame cuts the byte stream of a leg into frames, one message each with its framing
// header, and writes the headers. It is pure: bytes in, slices out.
//
//	s := frame.NewSplitter(frame.Length16, 65535)
//	s.Feed(chunk)
//	for {
//		f, err := s.Next()
//		if f == nil { // err == nil: the rest is carried until the next Feed
//			return err
//		}
//		handle(frame.Length16.PDU(f))
//	}
package frame
