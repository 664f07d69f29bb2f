//! How a ledger records an event.

use calloff_model::{CallId, Cancelable, Code, Ticks, Waiter, Window};

use super::call_set::CallSet;
use super::facts::{CallRecord, Entry, Expiry, Flight, Grant, Held, Outcome, Request, Sure};
use super::ledger::Ledger;
use super::names::{says_canceled, window_of};
use crate::history::{Action, ActorId, Event, TimePolicy, What};

impl Ledger {
    /// Records the event. Judge the event first: clauses look at what was known before it.
    ///
    /// # Panics
    ///
    /// If the event does not continue a history; see [`Ledger`].
    pub fn record(&mut self, event: &Event) {
        match event.what {
            What::Invoke(actor, action) => {
                self.pass_time(event.at);
                self.invoke(actor, action, event.at);
            }
            What::Return(actor, action, code) => {
                self.pass_time(event.at);
                self.give_back(actor, action, code, event.at);
                self.watch();
            }
            What::Clock => self.pass_time(event.at),
            What::Passed(actor, action, _) => {
                // It is about no call from now on.
                let lane = &mut self.facts.lanes[actor.0 as usize];
                lane.flight = None;
                if let Action::GetCancelObject(_, object) = action {
                    lane.objects[object.0 as usize] = Held::Custom;
                }
            }
            What::Serves(actor, name) => {
                self.facts.lanes[actor.0 as usize].handlers.push(name);
            }
            What::Served(actor, _) => {
                self.facts.lanes[actor.0 as usize].handlers.pop();
            }
            What::PassedBack(..) | What::Blocked(..) | What::End(_) => {}
        }
    }

    /// Drops points in time that have passed.
    fn pass_time(&mut self, now: Ticks) {
        for call in &mut self.facts.calls {
            if matches!(call.expiry, Expiry::At(deadline) if deadline <= now) {
                call.expiry = Expiry::Certain;
            }
        }
        if self.context().time == TimePolicy::Urgent {
            return;
        }
        for flight in self.facts.lanes.iter_mut().flat_map(|lane| &mut lane.flight) {
            let window = window_of(flight.action);
            let deadline = flight.since.zip(window).and_then(|(at, window)| window.deadline(at));
            if deadline.is_some_and(|deadline| deadline <= now) {
                flight.since = None;
            }
        }
    }

    /// Sets the clock back by these ticks, to `now`: every point in time moves with it. What
    /// happened longer ago than any clause asks for happened just longer ago than that.
    pub(crate) fn set_back(&mut self, ticks: u64, now: Ticks) {
        self.shift(0, ticks, now);
    }

    /// The same, forward or back.
    pub(crate) fn shift(&mut self, forward: u64, back: u64, now: Ticks) {
        let shifted = |at: Ticks| at.0.saturating_add(forward).saturating_sub(back);
        for call in &mut self.facts.calls {
            if let Expiry::At(deadline) = &mut call.expiry {
                deadline.0 = shifted(*deadline);
            }
        }
        for flight in self.facts.lanes.iter_mut().flat_map(|lane| &mut lane.flight) {
            if let (Some(since), Some(Window::Seconds(window))) =
                (&mut flight.since, window_of(flight.action))
            {
                since.0 = shifted(*since).max(now.0 - u64::from(window) - 1);
            }
        }
    }

    fn invoke(&mut self, actor: ActorId, action: Action, now: Ticks) {
        let mut flight = Flight::new(action);
        flight.calls = self.named_calls(actor, action);
        let open = |call: &CallId| self.call(*call).outcome.is_none();
        flight.open = flight.calls.iter().filter(open).collect();
        flight.since = self.measured(action).then_some(now);
        self.facts.lanes[actor.0 as usize].flight = Some(flight);
        self.begin(actor, action);
        // The new operation first: what the others may see depends on what it may reach.
        self.look(actor.0 as usize);
        self.watch();
        let sure = match action {
            Action::GiveUp(call) => Sure { replied: self.has_replied(call), ..Sure::default() },
            _ => self.sure_of(action, &self.flight(actor).calls),
        };
        if let Some(flight) = &mut self.facts.lanes[actor.0 as usize].flight {
            flight.sure = sure;
        }
        if let Action::Dispatch(call) = action {
            self.begin_dispatch(call);
        }
    }

    /// The calls that the operation names directly, without asking for a thread's innermost call.
    fn named_calls(&self, actor: ActorId, action: Action) -> CallSet {
        match action {
            Action::TestCancel(Some(call)) | Action::Dispatch(call) => {
                std::iter::once(call).collect()
            }
            Action::TestCancelObject(object) | Action::CancelObject(object, _) => {
                match &self.lane(actor).objects[object.0 as usize] {
                    Held::Calls(calls) => calls.clone(),
                    Held::Custom => CallSet::default(),
                }
            }
            _ => CallSet::default(),
        }
    }

    /// Whether the time of the invocation matters: the operation is a `Cancel` that waits for its
    /// window.
    fn measured(&self, action: Action) -> bool {
        self.context().reading.waiter == Waiter::Canceller
            && matches!(window_of(action), Some(Window::Seconds(1..)))
    }

    fn begin(&mut self, actor: ActorId, action: Action) {
        match action {
            Action::Issue(call) => {
                let at_issue = self.context().reading.cancelable == Cancelable::AtIssue;
                let lane = &mut self.facts.lanes[actor.0 as usize];
                let (disabled, after_miss) = (at_issue && lane.depth == 0, lane.missed);
                lane.stack.push(Entry::Call(call));
                if lane.unissued != u32::MAX {
                    lane.unissued = lane.unissued.saturating_sub(1);
                }
                // Only a later issue asks for it.
                lane.missed |= lane.unissued == 0;
                let record = self.call_mut(call);
                (record.disabled, record.after_miss) = (disabled, after_miss);
            }
            Action::Reply(call, code) => {
                self.call_mut(call).reply.get_or_insert(code);
            }
            Action::SetCancelObject(Some(object))
                if self.context().custom(object).has_interface =>
            {
                self.facts.lanes[actor.0 as usize].stack.push(Entry::Custom(object));
            }
            _ => {}
        }
    }

    /// Records that the dispatch was invoked. From now on no clause asks when exactly the request
    /// expires.
    fn begin_dispatch(&mut self, call: CallId) {
        let record = self.call_mut(call);
        record.dispatched = true;
        if let Expiry::At(_) = record.expiry {
            record.expiry = Expiry::Certain;
        }
    }

    /// What is certain of all these calls, as far as some clause asks for it when the operation
    /// returns.
    fn sure_of(&self, action: Action, calls: &CallSet) -> Sure {
        let all = |is_asked: bool, fact: fn(&CallRecord) -> bool| {
            is_asked && !calls.is_empty() && calls.iter().all(|call| fact(self.call(call)))
        };
        let is_test = matches!(action, Action::TestCancel(_) | Action::TestCancelObject(_));
        let is_dispatch = matches!(action, Action::Dispatch(_));
        Sure {
            requested: all(is_test || window_of(action).is_some(), |record| record.requested),
            told: all(is_test, |record| record.told),
            expired: all(is_dispatch, |record| {
                record.expiry == Expiry::Certain || record.outcome == Some(Outcome::Canceled)
            }),
            replied: false,
        }
    }

    /// Whether the call's server has certainly replied.
    pub(super) fn has_replied(&self, call: CallId) -> bool {
        let is_replying =
            |flight: &Flight| matches!(flight.action, Action::Reply(c, _) if c == call);
        self.call(call).reply.is_some() && !self.flights().any(|(_, flight)| is_replying(flight))
    }

    fn give_back(&mut self, actor: ActorId, action: Action, code: Code, now: Ticks) {
        if window_of(action).is_some() {
            return self.cancel_returned(actor, code, now);
        }
        let certain = self.only_fit(actor, code);
        // The object that was to be set was not, or the topmost one was taken away.
        let leaves = match action {
            Action::SetCancelObject(None) => code == Code::S_OK,
            Action::SetCancelObject(Some(object)) => {
                code != Code::S_OK && self.context().custom(object).has_interface
            }
            _ => false,
        };
        let lane = &mut self.facts.lanes[actor.0 as usize];
        let flight = lane.flight.take();
        let calls = flight.map(|flight| flight.calls).unwrap_or_default();
        match action {
            Action::Enable if code == Code::S_OK => lane.depth += 1,
            Action::Disable if code == Code::S_OK => lane.depth = lane.depth.saturating_sub(1),
            Action::GetCancelObject(_, object) if code == Code::S_OK => {
                lane.objects[object.0 as usize] = Held::Calls(calls);
            }
            Action::SetCancelObject(_) if leaves => self.take_custom_away(actor),
            Action::Await(call) | Action::GiveUp(call) => {
                lane.stack.retain(|entry| *entry != Entry::Call(call));
                if matches!(action, Action::GiveUp(_)) {
                    self.call_mut(call).gave_up = true;
                }
                self.settle(call, code);
            }
            Action::Dispatch(_) | Action::TestCancel(_) | Action::TestCancelObject(_) => {
                if let Some(call) = certain {
                    self.tell(call, action, code);
                }
            }
            _ => {}
        }
    }

    /// Takes the topmost custom object off the actor's stack, if there is one.
    fn take_custom_away(&mut self, actor: ActorId) {
        let lane = &mut self.facts.lanes[actor.0 as usize];
        if let Some(place) = lane.topmost_custom() {
            lane.stack.remove(place);
        }
    }

    /// Records that the caller returned from the call.
    fn settle(&mut self, call: CallId, code: Code) {
        let record = self.call_mut(call);
        if record.outcome.is_some() {
            return;
        }
        let outcome = match says_canceled(code) {
            false => Outcome::Result,
            true if record.reply == Some(code) => Outcome::Either,
            true => Outcome::Canceled,
        };
        record.outcome = Some(outcome);
        record.requested |= outcome == Outcome::Canceled && !record.gave_up;
        record.accepted = false;
        record.complete = false;
        record.expiry = Expiry::Unknown;
    }

    /// Records what a test or a dispatch that was certainly about this call said.
    fn tell(&mut self, call: CallId, action: Action, code: Code) {
        let given_up = self.may_be_given_up(call);
        let record = self.call_mut(call);
        if says_canceled(code) && !given_up {
            record.told = true;
            record.requested = true;
            if matches!(action, Action::Dispatch(_)) && record.outcome.is_none() {
                record.expiry = Expiry::Certain;
            }
        }
        let on_object = matches!(action, Action::TestCancelObject(_));
        if on_object && code == Code::RPC_E_CALL_COMPLETE && record.outcome.is_none() {
            record.complete = true;
        }
    }

    fn cancel_returned(&mut self, actor: ActorId, code: Code, now: Ticks) {
        let certain = match code {
            Code::S_OK => self.flight(actor).certain(),
            code => self.only_fit(actor, code),
        };
        let Some(flight) = self.facts.lanes[actor.0 as usize].flight.take() else {
            return;
        };
        if let Some(thread) = flight.thread() {
            let lane = &mut self.facts.lanes[thread.0 as usize];
            lane.hit |= code == Code::S_OK;
            lane.missed |= code == Code::E_NOINTERFACE;
        }
        if let Some(grant) = self.grant(&flight, code) {
            self.file(flight.open, grant);
        }
        if let (Some(call), Some(window)) = (certain, window_of(flight.action)) {
            self.answer(call, code, window, now);
        }
    }

    /// The result of a `Cancel` that returned; `None`: it was not accepted.
    pub(super) fn grant(&self, flight: &Flight, code: Code) -> Option<Grant> {
        let window = window_of(flight.action)?;
        let waits = self.context().reading.waiter == Waiter::Canceller;
        match code {
            Code::S_OK => Some(Grant::of(window)),
            Code::RPC_E_CALL_COMPLETE if waits && window != Window::Seconds(0) => {
                Some(Grant::Completed)
            }
            _ => None,
        }
    }

    fn file(&mut self, calls: CallSet, grant: Grant) {
        if calls.is_empty() {
            return;
        }
        let request = Request { calls, grant, or_gone: false };
        let same = self.facts.requests.iter().filter(|other| **other == request).count();
        // More of the same than there are calls explain nothing more.
        if self.context().is_endless && same >= request.calls.iter().count() {
            return;
        }
        let place = self.facts.requests.partition_point(|other| *other < request);
        self.facts.requests.insert(place, request);
    }

    /// Records the code of a `Cancel` that was certainly on this call.
    fn answer(&mut self, call: CallId, code: Code, window: Window, now: Ticks) {
        let waiter = self.context().reading.waiter;
        let given_up = self.may_be_given_up(call);
        let record = self.call_mut(call);
        let pending = record.outcome.is_none();
        match code {
            Code::S_OK => {
                record.requested = true;
                record.accepted = pending;
                if pending {
                    record.expiry = expiry(waiter, window, now, record.dispatched);
                }
            }
            Code::RPC_E_CALL_COMPLETE => record.complete |= pending,
            Code::CO_E_CANCEL_DISABLED => record.refused = true,
            code if says_canceled(code) => record.requested |= !given_up,
            _ => {}
        }
    }

    /// Updates every operation in flight with what may be the case now.
    fn watch(&mut self) {
        for index in 0..self.facts.lanes.len() {
            self.look(index);
        }
    }

    /// Updates the actor's operation in flight, if there is one, with what may be the case now.
    fn look(&mut self, index: usize) {
        let Some(flight) = &self.facts.lanes[index].flight else {
            return;
        };
        let by = ActorId(index as u32);
        let (disabled, enabled) = self.sees_depth(flight);
        let topmost = flight.thread().map(|thread| self.topmost(thread, by));
        let Some(flight) = &mut self.facts.lanes[index].flight else {
            return;
        };
        flight.saw_disabled |= disabled;
        flight.saw_enabled |= enabled;
        if let Some(topmost) = topmost {
            flight.saw_empty |= topmost.is_empty;
            for call in topmost.calls.iter() {
                flight.calls.insert(call);
                flight.open.insert(call);
            }
            for object in topmost.customs {
                if let Err(place) = flight.customs.binary_search(&object) {
                    flight.customs.insert(place, object);
                }
            }
        }
    }

    /// Whether the depth of the thread that the operation is about may be 0 now, and whether it may
    /// be above 0, which matters to a `Cancel` (reading at-request).
    fn sees_depth(&self, flight: &Flight) -> (bool, bool) {
        if self.context().reading.cancelable == Cancelable::AtIssue {
            return (false, false);
        }
        let on_object = matches!(flight.action, Action::CancelObject(..));
        let thread = match flight.calls.iter().next().filter(|_| on_object) {
            Some(call) => Some(self.context().caller(call)),
            None => flight.thread(),
        };
        let Some(thread) = thread else {
            return (false, false);
        };
        let cancels = window_of(flight.action).is_some();
        (self.depth_may_be_zero(thread), cancels && self.depth_may_be_above_zero(thread))
    }
}

/// The time at which a request that was accepted at `now` or before has certainly expired.
fn expiry(waiter: Waiter, window: Window, now: Ticks, dispatched: bool) -> Expiry {
    match (window, waiter) {
        (Window::Infinite, _) => Expiry::Unknown,
        (Window::Seconds(0), _) | (Window::Seconds(_), Waiter::Canceller) => Expiry::Certain,
        (Window::Seconds(_), Waiter::Caller) if dispatched => Expiry::Certain,
        (Window::Seconds(seconds), Waiter::Caller) => Expiry::At(now.after(seconds)),
    }
}
