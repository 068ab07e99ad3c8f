"""The table of contents: which handler serves which input; the engine itself decides nothing.

`handle(input)` returns all that follows, in order: first what was due before the input, then what the
input changes, then what matching makes of it. Nothing is carried out before the whole list is there.
What is impossible is a fault of ours and is raised. `withstand` survives it: what had been decided by then
stands, `mending` brings the rest in line, and all of it is told, so a replay has the same fault.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from acd.core import callback, events, preview, requests, timers
from acd.core.handlers import (
    announcing,
    answering,
    arrivals,
    audit,
    calling,
    calling_back,
    connecting,
    consulting,
    control,
    deflecting,
    departures,
    failures,
    interventions,
    joining,
    mending,
    menus,
    noting,
    offers,
    outages,
    outcomes,
    outsiders,
    overflow,
    phones,
    presence,
    previewing,
    recorder,
    recording,
    routing,
    search,
    supervising,
    waiting,
    whispering,
    workforce,
)
from acd.core.handlers.answers import Handler, answered
from acd.core.matching import Output, match
from acd.core.state import State

Input: TypeAlias = events.Event | requests.Request

EVENTS: Mapping[type, Handler] = {
    events.Configured: outages.configured,
    events.ShiftRestored: workforce.shift_restored,
    events.DataRestored: noting.data_restored,
    events.CallsOutRestored: calling.calls_out_restored,
    events.CallbacksRestored: calling_back.callbacks_restored,
    events.CallArrived: arrivals.call_arrived,
    events.CallerIdentified: arrivals.caller_identified,
    events.NumberRead: calling_back.number_read,
    events.KeyPressed: menus.key_pressed,
    events.PromptsFinished: menus.prompts_finished,
    events.LegAnswered: connecting.leg_answered,
    events.WhisperFinished: whispering.whisper_finished,
    events.LegBridged: connecting.leg_bridged,
    events.LegLeaving: connecting.leg_leaving,
    events.LegReferred: phones.leg_referred,
    events.LegReplaced: joining.leg_replaced,
    events.LegEnded: joining.leg_ended,
    events.CallLeft: joining.call_left,
    events.RecordingStarted: recorder.recording_started,
    events.RecordingFinished: recorder.recording_finished,
    events.RecordingFailed: recorder.recording_failed,
    events.CommandFailed: failures.command_failed,
    events.DeviceChanged: presence.device_changed,
    events.ClientFound: presence.client_found,
    events.ClientGone: presence.client_gone,
    events.NodeLost: outages.node_lost,
    events.NodeFound: outages.node_found,
    events.WorkOffered: previewing.work_offered,
    events.WorkWithdrawn: previewing.work_withdrawn,
}

REQUESTS: Mapping[type, Handler] = {
    requests.LogIn: workforce.log_in,
    requests.LogOut: workforce.log_out,
    requests.BecomeReady: workforce.become_ready,
    requests.BecomeNotReady: workforce.become_not_ready,
    requests.SetDoNotDisturb: workforce.set_do_not_disturb,
    requests.LiftDoNotDisturb: workforce.lift_do_not_disturb,
    requests.FinishWrapUp: workforce.finish_wrap_up,
    requests.ExtendWrapUp: workforce.extend_wrap_up,
    requests.RecordOutcome: outcomes.record_outcome,
    requests.SelectRoute: routing.select_route,
    requests.MakeCall: calling.make_call,
    preview.AcceptPreview: previewing.accept_preview,
    preview.SkipPreview: previewing.skip_preview,
    callback.RegisterCallback: calling_back.register_callback,
    callback.CancelCallback: calling_back.cancel_callback,
    requests.SwitchOutbound: calling.switch_outbound,
    requests.WriteData: noting.write_data,
    requests.AnswerOffer: answering.answer_offer,
    requests.RejectOffer: deflecting.reject_offer,
    requests.DeflectToQueue: deflecting.deflect_to_queue,
    requests.DeflectToAgent: deflecting.deflect_to_agent,
    requests.DeflectToNumber: deflecting.deflect_to_number,
    requests.DeflectWaiting: interventions.deflect_waiting,
    requests.SetRequirement: interventions.set_requirement,
    requests.SetPriority: interventions.set_priority,
    requests.MoveCall: interventions.move_call,
    requests.MoveToFront: interventions.move_to_front,
    requests.ForceReady: workforce.force_ready,
    requests.ForceNotReady: workforce.force_not_ready,
    requests.ForceFinishWrapUp: workforce.force_finish_wrap_up,
    requests.ForceLogOut: workforce.force_log_out,
    requests.ChangeDuties: workforce.change_duties,
    requests.HoldCall: control.hold_call,
    requests.RetrieveCall: control.retrieve_call,
    requests.ClearCall: control.clear_call,
    requests.SendTones: control.send_tones,
    requests.TransferToQueue: control.transfer_to_queue,
    requests.TransferToAgent: control.transfer_to_agent,
    requests.TransferToNumber: consulting.transfer_to_number,
    requests.ConsultNumber: consulting.consult_number,
    requests.ConsultAgent: consulting.consult_agent,
    requests.ConsultQueue: consulting.consult_queue,
    requests.Alternate: consulting.alternate,
    requests.CompleteConsult: consulting.complete_consult,
    requests.CancelConsult: consulting.cancel_consult,
    requests.StartConference: consulting.start_conference,
    requests.RemoveParty: consulting.remove,
    requests.MuteParty: consulting.mute,
    requests.RemoveNumber: consulting.remove,
    requests.MuteNumber: consulting.mute,
    requests.SuperviseCall: supervising.supervise_call,
    requests.StopSupervising: supervising.stop_supervising,
    requests.TakeOverCall: supervising.take_over_call,
    requests.FollowAgent: supervising.follow_agent,
    requests.StopFollowing: supervising.stop_following,
    requests.BeginRecording: recording.begin_recording,
    requests.EndRecording: recording.end_recording,
    requests.SuspendRecording: recording.suspend_recording,
    requests.ContinueRecording: recording.continue_recording,
}

HANDLERS: Mapping[type, Handler] = {
    **EVENTS,
    **{kind: answered(handler) for kind, handler in REQUESTS.items()},
}

DEADLINES: Mapping[type, Callable[[State, Any, int], Iterator[Output]]] = {
    timers.IdentifyOverdue: arrivals.identify_overdue,
    timers.RenewDue: waiting.renew_due,
    timers.MenuTimeout: menus.menu_timeout,
    timers.MenuOverdue: menus.menu_overdue,
    timers.SpareOver: waiting.spare_over,
    timers.OverflowDue: waiting.overflow_due,
    timers.WaitOver: waiting.wait_over,
    timers.AnnouncementDue: announcing.announcement_due,
    timers.AnnouncementOverdue: announcing.announcement_overdue,
    timers.HoursChange: waiting.hours_change,
    timers.LastAgentOver: search.last_agent_over,
    timers.WidenDue: search.widen_due,
    timers.DelayOver: search.delay_over,
    timers.RouteDue: routing.route_due,
    timers.AuditDue: audit.audit_due,
    timers.RingTimeout: offers.ring_timeout,
    timers.DialOverdue: calling.dial_overdue,
    timers.CallbackDue: calling_back.callback_due,
    timers.CallbackOver: calling_back.callback_over,
    timers.OutsiderOverdue: outsiders.overdue,
    timers.JoinOverdue: joining.join_overdue,
    timers.WhisperOver: whispering.whisper_over,
    timers.ConnectOverdue: connecting.connect_overdue,
    timers.ReleaseOverdue: offers.release_overdue,
    timers.LeaveOverdue: departures.leave_overdue,
    timers.WrapUpOver: workforce.wrap_up_over,
    timers.PreviewOver: previewing.preview_over,
    timers.CapLapses: calling.cap_lapses,
    timers.RestOver: workforce.rest_over,
    timers.PhoneLostDue: presence.phone_lost_due,
    timers.ClientLostDue: presence.client_lost_due,
    timers.OwnCallDue: presence.own_call_due,
}


class Engine:
    """Synchronous and deterministic: the same inputs give the same outputs, on any machine, at any speed."""

    def __init__(self) -> None:
        self.state = State()
        self._now = 0

    def handle(self, happening: Input) -> list[Output]:
        """What follows from this input. `at` must not be before that of the input before it."""
        outputs: list[Output] = []
        self._follow(happening, outputs)
        return outputs

    def withstand(self, happening: Input) -> tuple[list[Output], Exception | None]:
        """As `handle`, but a fault is mended and returned beside what was decided. Raises if it cannot be mended."""
        outputs: list[Output] = []
        try:
            self._follow(happening, outputs)
        except Exception as fault:
            if isinstance(happening, events.Configured):
                raise  # Half a configuration is none.
            outputs += mending.mend(self.state, fault, type(happening).__name__, self._now)
            return outputs, fault
        return outputs, None

    def _follow(self, happening: Input, outputs: list[Output]) -> None:
        """Add what follows. A list keeps what it was given by a handler that then fails."""
        state, at = self.state, happening.at
        assert at >= self._now, f"time went back from {self._now} to {at}"
        self._now = at
        for deadline in state.timers.due(at):
            outputs += DEADLINES[type(deadline)](state, deadline, at)
        if not isinstance(happening, events.TimeReached):
            outputs += HANDLERS[type(happening)](state, happening)
        if state.callbacks_to_end:
            outputs += calling_back.resumed(state, at)
        if state.queues_to_review:
            outputs += waiting.review(state, at)
        if state.queues_to_relieve:
            outputs += overflow.relieve(state, at)
        if state.usage.changed:
            outputs += calling.review(state, at)
        if state.followings:
            outputs += supervising.follow_on(state, at)
        # Once, when all that is known has been taken in: what was due a moment ago must not decide alone.
        if state.calls_to_match or state.agents_to_match:
            outputs += match(state, at)
        if state.audit_wanted:
            outputs += audit.audit(state, at)
            outputs += match(state, at)
        audit.expect(state, at)
        if state.previews_to_review:
            outputs += previewing.review(state, at)

    def next_deadline(self) -> int | None:
        """When the engine wants to hear the time, or None."""
        return self.state.timers.next_at()
