package hub

// Metric is one number about a hub, for whoever shows it.
type Metric struct {
	Name              string // without the program's prefix
	Help              string // a sentence
	Gauge             bool   // may fall
	Label, LabelValue string // empty without one
	Value             float64
}

// counter is one count of what happened; it never falls.
type counter uint8

const (
	countFramesFromSwitch counter = iota
	countFramesFromTServers
	countEventsFromSwitch
	countEventsToTServers
	countEventsToAll
	countEventsFiltered
	countEventsUnclaimed
	countEventsHeldLost
	countEventsMade
	countCrossRefsUnknown
	countCrossRefsDoubled
	countRequestsFromTServers
	countRequestsToSwitch
	countRequestsQueued
	countRequestsHeld
	countRequestsExpired
	countRequestsTimedOut
	countRequestsVoided
	countRequestsDropped
	countRequestsFromSwitch
	countSwitchRequestsFailed
	countOneWayDropped
	countQueueFull
	countAnswersToTServers
	countAnswersLocal
	countAnswersOrphaned
	countAnswersLate
	countAnswersUnsolicited
	countAnswersMismatched
	countAnswersDenying
	countAnswersAbsorbed
	countTServerEvents
	countSegmentsLost
	countRoutesLost
	countRoutesRefused
	countMonitorsJoined
	countMonitorsLingered
	countMonitorsAdopted
	countMonitorsRefused
	countMonitorsRestored
	countMonitorsNotRestored
	countDifferences
	countNotCompared
	countEventsNotAwaited
	countEventsReflected
	countMonitorsStoppedBySwitch
	countReplays
	countReplayBytes
	countCallsAudited
	countHeartbeatsToSwitch
	countHeartbeatsToTServers
	countLegsAccepted
	countLegsJoined
	countLinksUp
	countLinksLost
	countSwitchRestarts
	countUndecodableFromSwitch
	countUndecodableFromTServers
	countUnexpressible
	countNoticesDropped
	counterCount
)

// counterNames holds the name and the sentence of every counter.
var counterNames = [counterCount]struct{ name, help string }{
	countFramesFromSwitch: {
		"switch_frames_total",
		"frames that came from the switch",
	},
	countFramesFromTServers: {
		"tserver_frames_total",
		"frames that came from T-Servers",
	},
	countEventsFromSwitch: {
		"switch_events_total",
		"events that came from the switch",
	},
	countEventsToTServers: {
		"tserver_events_sent_total",
		"events sent to T-Servers, each T-Server counted",
	},
	countEventsToAll: {
		"switch_events_unaddressed_total",
		"events without a cross reference ID, sent to all T-Servers",
	},
	countEventsFiltered: {
		"tserver_events_filtered_total",
		"events not sent to a T-Server that filtered them",
	},
	countEventsUnclaimed: {
		"switch_events_unclaimed_total",
		"events of a monitor that nobody has; it is stopped at the switch",
	},
	countEventsHeldLost: {
		"switch_events_held_lost_total",
		"events that came before their MonitorStart's answer and found no room to wait",
	},
	countEventsMade: {
		"replay_events_made_total",
		"events of a replay that were made from the state, their history being given up",
	},
	countCrossRefsUnknown: {
		"switch_cross_refs_unknown_total",
		"messages of the switch with a cross reference ID that is not known",
	},
	countCrossRefsDoubled: {
		"switch_cross_refs_doubled_total",
		"MonitorStart answers with a cross reference ID already in use",
	},
	countRequestsFromTServers: {
		"tserver_requests_total",
		"requests that came from T-Servers",
	},
	countRequestsToSwitch: {
		"switch_requests_sent_total",
		"requests sent to the switch",
	},
	countRequestsQueued: {
		"requests_queued_total",
		"requests that had to wait for the link's budget",
	},
	countRequestsHeld: {
		"requests_held_total",
		"requests that had to wait for their leg's backlog",
	},
	countRequestsExpired: {
		"requests_expired_total",
		"requests whose time was over before they could be sent",
	},
	countRequestsTimedOut: {
		"requests_timed_out_total",
		"requests that the switch did not answer in time",
	},
	countRequestsVoided: {
		"requests_voided_total",
		"requests failed because the link was lost",
	},
	countRequestsDropped: {
		"requests_dropped_total",
		"waiting requests whose T-Server left",
	},
	countRequestsFromSwitch: {
		"switch_requests_total",
		"requests that came from the switch",
	},
	countSwitchRequestsFailed: {
		"switch_requests_failed_total",
		"requests of the switch that no T-Server answered in time",
	},
	countOneWayDropped: {
		"requests_one_way_dropped_total",
		"messages without an answer dropped while the link was not normal",
	},
	countQueueFull: {
		"requests_refused_total",
		"requests refused because request_queue was full",
	},
	countAnswersToTServers: {
		"tserver_answers_total",
		"answers of the switch passed to T-Servers",
	},
	countAnswersLocal: {
		"tserver_answers_local_total",
		"queries answered from the state",
	},
	countAnswersOrphaned: {
		"answers_orphaned_total",
		"answers of the switch whose T-Server had left",
	},
	countAnswersLate: {
		"answers_late_total",
		"answers of the switch that came after their request had failed",
	},
	countAnswersUnsolicited: {
		"answers_unsolicited_total",
		"answers of the switch that nobody had asked for",
	},
	countAnswersMismatched: {
		"answers_mismatched_total",
		"answers of the switch to another service than asked under their invoke ID",
	},
	countAnswersDenying: {
		"answers_denying_total",
		"answers of the switch that denied what its events had told; the switch is asked again for everybody",
	},
	countAnswersAbsorbed: {
		"tserver_answers_absorbed_total",
		"answers of T-Servers that nobody waits for",
	},
	countTServerEvents: {
		"tserver_events_refused_total",
		"events that came from T-Servers, which have none to give",
	},
	countSegmentsLost: {
		"segments_lost_total",
		"segments of answers that could not be followed",
	},
	countRoutesLost: {
		"routes_lost_total",
		"route requests that no T-Server answered in time",
	},
	countRoutesRefused: {
		"routes_refused_total",
		"RouteSelects for a dialogue that another T-Server owns",
	},
	countMonitorsJoined: {
		"monitors_joined_total",
		"MonitorStarts answered with membership",
	},
	countMonitorsLingered: {
		"monitors_lingered_total",
		"monitors stopped after monitor_linger without a member",
	},
	countMonitorsRefused: {
		"monitors_refused_total",
		"MonitorStarts and registrations refused for monitors_max or monitor_memory",
	},
	countMonitorsAdopted: {
		"monitors_adopted_total",
		"monitors granted after their asker had been told otherwise",
	},
	countDifferences: {
		"recovery_differences_total",
		"events made and published for what changed while there was no link",
	},
	countNotCompared: {
		"recovery_unanswered_total",
		"questions of a recovery that the switch did not answer: what they are about was not compared",
	},
	countEventsNotAwaited: {
		"recovery_events_not_held_total",
		"events that passed before their device was compared, for lack of room to hold them",
	},
	countEventsReflected: {
		"recovery_events_reflected_total",
		"events held for a comparison whose differences told them already",
	},
	countMonitorsRestored: {
		"monitors_restored_total",
		"monitors restored after a link loss",
	},
	countMonitorsNotRestored: {
		"monitors_not_restored_total",
		"monitors that the switch did not give back",
	},
	countMonitorsStoppedBySwitch: {
		"monitors_stopped_by_switch_total",
		"monitors that the switch stopped",
	},
	countReplays: {
		"replays_total",
		"journals replayed to joining T-Servers",
	},
	countReplayBytes: {
		"replay_bytes_total",
		"bytes of those journals",
	},
	countCallsAudited: {
		"calls_audited_total",
		"snapshots asked because a call was open for call_audit",
	},
	countHeartbeatsToSwitch: {
		"switch_heartbeats_total",
		"heartbeats sent to the switch",
	},
	countHeartbeatsToTServers: {
		"tserver_heartbeats_total",
		"heartbeats sent to T-Servers",
	},
	countLegsAccepted: {
		"legs_accepted_total",
		"sockets of T-Servers accepted",
	},
	countLegsJoined: {
		"legs_joined_total",
		"T-Servers joined: sockets that sent a valid message",
	},
	countLinksUp: {
		"link_connects_total",
		"CTI links connected",
	},
	countLinksLost: {
		"link_losses_total",
		"CTI links lost",
	},
	countSwitchRestarts: {
		"switch_restarts_total",
		"times the switch said that it lost its monitors",
	},
	countUndecodableFromSwitch: {
		"switch_undecodable_total",
		"frames of the switch that could not be decoded; passed verbatim",
	},
	countUndecodableFromTServers: {
		"tserver_undecodable_total",
		"frames of T-Servers that could not be decoded",
	},
	countUnexpressible: {
		"unexpressible_total",
		"messages that could not be made in the leg's protocol",
	},
	countNoticesDropped: {
		"notices_dropped_total",
		"log lines dropped for being too many at once",
	},
}

// counters are plain numbers, counted on the loop.
type counters [counterCount]uint64

// AppendMetrics appends the hub's numbers to dst: counters, and the present sizes of its tables.
func (h *Hub) AppendMetrics(dst []Metric) []Metric {
	for c, value := range h.counters {
		n := &counterNames[c]
		dst = append(dst, Metric{Name: n.name, Help: n.help, Value: float64(value)})
	}
	for why := CloseReplaced; why < closeReasonCount; why++ {
		dst = append(dst, Metric{
			Name: "legs_closed_total", Help: "legs closed by the proxy, by reason",
			Label: "reason", LabelValue: why.String(), Value: float64(h.closed[why]),
		})
	}
	return h.appendGauges(dst)
}

// appendGauges appends the numbers that rise and fall.
func (h *Hub) appendGauges(dst []Metric) []Metric {
	model := h.state.Stats()
	gauge := func(name, help string, value float64) {
		dst = append(dst, Metric{Name: name, Help: help, Gauge: true, Value: value})
	}
	gauge("link_state", "0 down, 1 starting, 2 recovering, 3 normal", float64(h.link.state))
	gauge("requests_outstanding", "requests the switch has not answered", float64(h.slots.busy))
	gauge("requests_waiting", "requests that wait for the link's budget", float64(h.queue.len()))
	recovering := 0.0
	if h.recovery.active {
		recovering = 1
	}
	gauge("recovering", "1 while monitors are restored or the state is compared with the switch", recovering)
	gauge("monitors", "monitors, lingering ones too", float64(len(h.monitors.all)))
	gauge("monitor_bytes", "bytes that monitors and registrations hold", float64(h.room.bytes))
	gauge("registrations", "registrations, shared", float64(len(h.registrations.byKey)))
	gauge("calls", "calls in the model", float64(model.Calls))
	gauge("agents", "agents in the model", float64(model.Agents))
	gauge("journal_messages", "messages in the journal", float64(model.JournalEntries))
	gauge("journal_bytes", "bytes the journal occupies", float64(model.JournalUsed))
	for i := range h.tservers {
		joined := 0.0
		if l := h.tservers[i].leg; l != nil && !l.closing() {
			joined = 1
		}
		dst = append(dst, Metric{
			Name: "tserver_joined", Help: "1 while the T-Server has a leg", Gauge: true,
			Label: "tserver", LabelValue: h.cfg.TServers[i].Name, Value: joined,
		})
	}
	dst = append(dst, Metric{
		Name: "journal_given_up_total", Help: "calls whose history was given up for journal_max",
		Value: float64(model.GivenUp),
	})
	return dst
}
