package csta

// Cause is an event cause (ECMA-269, event causes) under its number of ECMA-285; 0 is an absent
// one.
type Cause uint8

// The event causes. Phases I and II know 1 to 34, with 34 theirs alone.
const (
	CauseNone                                  Cause = 0
	CauseActiveParticipation                   Cause = 1
	CauseAlternate                             Cause = 2
	CauseBusy                                  Cause = 3
	CauseCallBack                              Cause = 4
	CauseCallCancelled                         Cause = 5
	CauseCallForwardImmediate                  Cause = 6
	CauseCallForwardBusy                       Cause = 7
	CauseCallForwardNoAnswer                   Cause = 8
	CauseCallForward                           Cause = 9
	CauseCallNotAnswered                       Cause = 10
	CauseCallPickup                            Cause = 11
	CauseCampOn                                Cause = 12
	CauseDestNotObtainable                     Cause = 13
	CauseDoNotDisturb                          Cause = 14
	CauseIncompatibleDestination               Cause = 15
	CauseInvalidAccountCode                    Cause = 16
	CauseKeyOperation                          Cause = 17
	CauseLockout                               Cause = 18
	CauseMaintenance                           Cause = 19
	CauseNetworkCongestion                     Cause = 20
	CauseNetworkNotObtainable                  Cause = 21
	CauseNewCall                               Cause = 22
	CauseNoAvailableAgents                     Cause = 23
	CauseOverride                              Cause = 24
	CausePark                                  Cause = 25
	CauseOverflow                              Cause = 26
	CauseRecall                                Cause = 27
	CauseRedirected                            Cause = 28
	CauseReorderTone                           Cause = 29
	CauseResourcesNotAvailable                 Cause = 30
	CauseSilentParticipation                   Cause = 31
	CauseTransfer                              Cause = 32
	CauseTrunksBusy                            Cause = 33
	CauseVoiceUnitInitiator                    Cause = 34
	CauseBlocked                               Cause = 35
	CauseCharacterCountReached                 Cause = 36
	CauseConsultation                          Cause = 37
	CauseDistributed                           Cause = 38
	CauseDTMFDigitDetected                     Cause = 39
	CauseDurationExceeded                      Cause = 40
	CauseEndOfMessageDetected                  Cause = 41
	CauseEnteringDistribution                  Cause = 42
	CauseForcedPause                           Cause = 43
	CauseMakeCall                              Cause = 44
	CauseMessageSizeExceeded                   Cause = 45
	CauseNetworkSignal                         Cause = 46
	CauseNextMessage                           Cause = 47
	CauseNormalClearing                        Cause = 48
	CauseNoSpeechDetected                      Cause = 49
	CauseNumberChanged                         Cause = 50
	CauseSingleStepConference                  Cause = 51
	CauseSingleStepTransfer                    Cause = 52
	CauseSpeechDetected                        Cause = 53
	CauseSwitchingFunctionTerminated           Cause = 54
	CauseTerminationCharacterReceived          Cause = 55
	CauseTimeout                               Cause = 56
	CauseACDBusy                               Cause = 57
	CauseACDForward                            Cause = 58
	CauseACDSaturated                          Cause = 59
	CauseAlertTimeExpired                      Cause = 60
	CauseAutoWork                              Cause = 61
	CauseCampOnTrunks                          Cause = 62
	CauseConference                            Cause = 63
	CauseDestDetected                          Cause = 64
	CauseDestOutOfOrder                        Cause = 65
	CauseDistributionDelay                     Cause = 66
	CauseForcedTransition                      Cause = 67
	CauseIntrude                               Cause = 68
	CauseInvalidNumberFormat                   Cause = 69
	CauseJoinCall                              Cause = 70
	CauseKeyOperationInUse                     Cause = 71
	CauseMakePredictiveCall                    Cause = 72
	CauseMessageDurationExceeded               Cause = 73
	CauseMultipleAlerting                      Cause = 74
	CauseMultipleQueuing                       Cause = 75
	CauseNetworkDialling                       Cause = 76
	CauseNetworkOutOfOrder                     Cause = 77
	CauseNormal                                Cause = 78
	CauseNotAvaliableBearerService             Cause = 79
	CauseNotSupportedBearerService             Cause = 80
	CauseNumberUnallocated                     Cause = 81
	CauseQueueCleared                          Cause = 82
	CauseRemainsInQueue                        Cause = 83
	CauseReserved                              Cause = 84
	CauseSelectedTrunkBusy                     Cause = 85
	CauseSuspend                               Cause = 86
	CauseUnauthorisedBearerService             Cause = 87
	CauseActivation                            Cause = 88
	CauseBabble                                Cause = 89
	CauseBadAttribute                          Cause = 90
	CauseBadGrammar                            Cause = 91
	CauseBadVoice                              Cause = 92
	CauseBadURI                                Cause = 93
	CauseBusyOverflow                          Cause = 94
	CauseCalendarOverflow                      Cause = 95
	CauseCapacityOverflow                      Cause = 96
	CauseDuplicateDTMF                         Cause = 97
	CauseEarlyStop                             Cause = 98
	CauseEmptyQueue                            Cause = 99
	CauseInterDigitTimeout                     Cause = 100
	CauseInvalidConnection                     Cause = 101
	CauseInvalidConnectionState                Cause = 102
	CauseMakeConnection                        Cause = 103
	CauseMaxTimeout                            Cause = 104
	CauseNoAudioSaved                          Cause = 105
	CauseNoQueue                               Cause = 106
	CauseNoRule                                Cause = 107
	CauseOutOfGrammar                          Cause = 108
	CausePathReplacement                       Cause = 109
	CauseQueueTimeOverflow                     Cause = 110
	CauseRecallBusy                            Cause = 111
	CauseRecallForwarded                       Cause = 112
	CauseRecallNoAnswer                        Cause = 113
	CauseRecallResourcesNotAvailable           Cause = 114
	CauseUnknownOverflow                       Cause = 115
	CauseCallInterception                      Cause = 116
	CauseCallInterceptionBusy                  Cause = 117
	CauseCallInterceptionForwarded             Cause = 118
	CauseCallInterceptionNoAnswer              Cause = 119
	CauseCallInterceptionResourcesNotAvailable Cause = 120
	CauseLawfulInterception                    Cause = 121
	// CauseUnknown is a cause this table does not know.
	CauseUnknown Cause = 255
)

// causeNames spells the causes as ECMA-323 and ECMA-285 do.
var causeNames = [...]string{
	CauseActiveParticipation:                   "activeParticipation",
	CauseAlternate:                             "alternate",
	CauseBusy:                                  "busy",
	CauseCallBack:                              "callBack",
	CauseCallCancelled:                         "callCancelled",
	CauseCallForwardImmediate:                  "callForwardImmediate",
	CauseCallForwardBusy:                       "callForwardBusy",
	CauseCallForwardNoAnswer:                   "callForwardNoAnswer",
	CauseCallForward:                           "callForward",
	CauseCallNotAnswered:                       "callNotAnswered",
	CauseCallPickup:                            "callPickup",
	CauseCampOn:                                "campOn",
	CauseDestNotObtainable:                     "destNotObtainable",
	CauseDoNotDisturb:                          "doNotDisturb",
	CauseIncompatibleDestination:               "incompatibleDestination",
	CauseInvalidAccountCode:                    "invalidAccountCode",
	CauseKeyOperation:                          "keyOperation",
	CauseLockout:                               "lockout",
	CauseMaintenance:                           "maintenance",
	CauseNetworkCongestion:                     "networkCongestion",
	CauseNetworkNotObtainable:                  "networkNotObtainable",
	CauseNewCall:                               "newCall",
	CauseNoAvailableAgents:                     "noAvailableAgents",
	CauseOverride:                              "override",
	CausePark:                                  "park",
	CauseOverflow:                              "overflow",
	CauseRecall:                                "recall",
	CauseRedirected:                            "redirected",
	CauseReorderTone:                           "reorderTone",
	CauseResourcesNotAvailable:                 "resourcesNotAvailable",
	CauseSilentParticipation:                   "silentParticipation",
	CauseTransfer:                              "transfer",
	CauseTrunksBusy:                            "trunksBusy",
	CauseVoiceUnitInitiator:                    "voiceUnitInitiator",
	CauseBlocked:                               "blocked",
	CauseCharacterCountReached:                 "characterCountReached",
	CauseConsultation:                          "consultation",
	CauseDistributed:                           "distributed",
	CauseDTMFDigitDetected:                     "dTMFDigitDetected",
	CauseDurationExceeded:                      "durationExceeded",
	CauseEndOfMessageDetected:                  "endOfMessageDetected",
	CauseEnteringDistribution:                  "enteringDistribution",
	CauseForcedPause:                           "forcedPause",
	CauseMakeCall:                              "makeCall",
	CauseMessageSizeExceeded:                   "messageSizeExceeded",
	CauseNetworkSignal:                         "networkSignal",
	CauseNextMessage:                           "nextMessage",
	CauseNormalClearing:                        "normalClearing",
	CauseNoSpeechDetected:                      "noSpeechDetected",
	CauseNumberChanged:                         "numberChanged",
	CauseSingleStepConference:                  "singleStepConference",
	CauseSingleStepTransfer:                    "singleStepTransfer",
	CauseSpeechDetected:                        "speechDetected",
	CauseSwitchingFunctionTerminated:           "switchingFunctionTerminated",
	CauseTerminationCharacterReceived:          "terminationCharacterReceived",
	CauseTimeout:                               "timeout",
	CauseACDBusy:                               "aCDBusy",
	CauseACDForward:                            "aCDForward",
	CauseACDSaturated:                          "aCDSaturated",
	CauseAlertTimeExpired:                      "alertTimeExpired",
	CauseAutoWork:                              "autoWork",
	CauseCampOnTrunks:                          "campOnTrunks",
	CauseConference:                            "conference",
	CauseDestDetected:                          "destDetected",
	CauseDestOutOfOrder:                        "destOutOfOrder",
	CauseDistributionDelay:                     "distributionDelay",
	CauseForcedTransition:                      "forcedTransition",
	CauseIntrude:                               "intrude",
	CauseInvalidNumberFormat:                   "invalidNumberFormat",
	CauseJoinCall:                              "joinCall",
	CauseKeyOperationInUse:                     "keyOperationInUse",
	CauseMakePredictiveCall:                    "makePredictiveCall",
	CauseMessageDurationExceeded:               "messageDurationExceeded",
	CauseMultipleAlerting:                      "multipleAlerting",
	CauseMultipleQueuing:                       "multipleQueuing",
	CauseNetworkDialling:                       "networkDialling",
	CauseNetworkOutOfOrder:                     "networkOutOfOrder",
	CauseNormal:                                "normal",
	CauseNotAvaliableBearerService:             "notAvaliableBearerService",
	CauseNotSupportedBearerService:             "notSupportedBearerService",
	CauseNumberUnallocated:                     "numberUnallocated",
	CauseQueueCleared:                          "queueCleared",
	CauseRemainsInQueue:                        "remainsInQueue",
	CauseReserved:                              "reserved",
	CauseSelectedTrunkBusy:                     "selectedTrunkBusy",
	CauseSuspend:                               "suspend",
	CauseUnauthorisedBearerService:             "unauthorisedBearerService",
	CauseActivation:                            "activation",
	CauseBabble:                                "babble",
	CauseBadAttribute:                          "badAttribute",
	CauseBadGrammar:                            "badGrammar",
	CauseBadVoice:                              "badVoice",
	CauseBadURI:                                "badUri",
	CauseBusyOverflow:                          "busyOverflow",
	CauseCalendarOverflow:                      "calendarOverflow",
	CauseCapacityOverflow:                      "capacityOverflow",
	CauseDuplicateDTMF:                         "duplicateDTMF",
	CauseEarlyStop:                             "earlyStop",
	CauseEmptyQueue:                            "emptyQueue",
	CauseInterDigitTimeout:                     "interDigitTimeout",
	CauseInvalidConnection:                     "invalidConnection",
	CauseInvalidConnectionState:                "invalidConnectionState",
	CauseMakeConnection:                        "makeConnection",
	CauseMaxTimeout:                            "maxTimeout",
	CauseNoAudioSaved:                          "noAudioSaved",
	CauseNoQueue:                               "noQueue",
	CauseNoRule:                                "noRule",
	CauseOutOfGrammar:                          "outOfGrammar",
	CausePathReplacement:                       "pathReplacement",
	CauseQueueTimeOverflow:                     "queueTimeOverflow",
	CauseRecallBusy:                            "recallBusy",
	CauseRecallForwarded:                       "recallForwarded",
	CauseRecallNoAnswer:                        "recallNoAnswer",
	CauseRecallResourcesNotAvailable:           "recallResourcesNotAvailable",
	CauseUnknownOverflow:                       "unknownOverflow",
	CauseCallInterception:                      "callInterception",
	CauseCallInterceptionBusy:                  "callInterceptionBusy",
	CauseCallInterceptionForwarded:             "callInterceptionForwarded",
	CauseCallInterceptionNoAnswer:              "callInterceptionNoAnswer",
	CauseCallInterceptionResourcesNotAvailable: "callInterceptionResourcesNotAvailable",
	CauseLawfulInterception:                    "lawfulInterception",
}

// String returns the name of the standard, as in "newCall"; empty for an absent cause.
func (c Cause) String() string {
	if int(c) < len(causeNames) {
		return causeNames[c]
	}
	return "unknown"
}
