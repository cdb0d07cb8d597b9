package replay

import "time"

// SetClockPatience has proxies give requests up no sooner, until restore.
func SetClockPatience(d time.Duration) (restore func()) {
	old := clockPatience
	clockPatience = d
	return func() { clockPatience = old }
}
