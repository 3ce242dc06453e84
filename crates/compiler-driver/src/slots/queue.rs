//! Who is next: those who wait take turns by whom they belong to, and among those of one owner
//! whoever came first. Pure.

use std::collections::VecDeque;

/// A place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// Owners in the order of their turns, each with what it waits for. No owner waits for nothing.
#[derive(Debug)]
pub(super) struct Queue<P> {
    turns: VecDeque<(P, VecDeque<Ticket>)>,
    given: u64,
}

impl<P> Default for Queue<P> {
    fn default() -> Self {
        Queue { turns: VecDeque::new(), given: 0 }
    }
}

impl<P: PartialEq> Queue<P> {
    /// Queues up. An owner who was not waiting has its turn after all who are.
    pub(super) fn enter(&mut self, owner: P) -> Ticket {
        self.given += 1;
        let ticket = Ticket(self.given);
        match self.turns.iter_mut().find(|(known, _)| *known == owner) {
            Some((_, tickets)) => tickets.push_back(ticket),
            None => self.turns.push_back((owner, VecDeque::from([ticket]))),
        }
        ticket
    }

    /// Who is next.
    pub(super) fn next(&self) -> Option<Ticket> {
        self.turns.front()?.1.front().copied()
    }

    /// Leaves because it was its turn: the owner's next one comes after everybody else's.
    pub(super) fn serve(&mut self, ticket: Ticket) {
        let turn = self.turns.iter().position(|(_, tickets)| tickets.contains(&ticket));
        if let Some(turn) = turn.and_then(|at| self.turns.remove(at)) {
            self.turns.push_back(turn);
        }
        self.leave(ticket);
    }

    /// Leaves without having been served: the owner keeps its turn.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        for (_, tickets) in &mut self.turns {
            tickets.retain(|other| *other != ticket);
        }
        self.turns.retain(|(_, tickets)| !tickets.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Serves everybody; gives the owners in the order they were served.
    fn drain(queue: &mut Queue<char>, owners: &[(Ticket, char)]) -> String {
        let mut order = String::new();
        while let Some(next) = queue.next() {
            order.extend(owners.iter().find(|(ticket, _)| *ticket == next).map(|(_, owner)| owner));
            queue.serve(next);
        }
        order
    }

    fn enter(queue: &mut Queue<char>, owners: &str) -> Vec<(Ticket, char)> {
        owners.chars().map(|owner| (queue.enter(owner), owner)).collect()
    }

    #[test]
    fn owners_take_turns_however_many_they_bring() {
        for (came, served) in [
            ("a", "a"),
            ("abc", "abc"),
            ("aaab", "abaa"),
            ("aaaabbc", "abcabaa"),
            ("aabbaa", "ababaa"),
        ] {
            let mut queue = Queue::default();
            let tickets = enter(&mut queue, came);
            assert_eq!(drain(&mut queue, &tickets), served, "{came}");
        }
    }

    #[test]
    fn of_one_owner_whoever_came_first_is_first() {
        let mut queue = Queue::default();
        let (first, second) = (queue.enter('a'), queue.enter('a'));
        assert_eq!(queue.next(), Some(first));
        queue.serve(first);
        assert_eq!(queue.next(), Some(second));
    }

    #[test]
    fn one_who_comes_again_waits_for_all_who_were_there() {
        let mut queue = Queue::default();
        let mut tickets = enter(&mut queue, "ab");
        queue.serve(tickets[0].0);
        tickets.extend(enter(&mut queue, "a"));
        assert_eq!(drain(&mut queue, &tickets), "ba");
    }

    #[test]
    fn who_leaves_is_not_waited_for_and_costs_its_owner_no_turn() {
        let mut queue = Queue::default();
        let tickets = enter(&mut queue, "aab");
        queue.leave(tickets[0].0);
        assert_eq!(drain(&mut queue, &tickets), "ab");
        let only = queue.enter('c');
        queue.leave(only);
        assert_eq!(queue.next(), None);
    }

    #[test]
    fn nobody_is_served_before_a_waiting_owner_has_had_its_turn_once_per_round() {
        // Whatever comes meanwhile, at most one ticket of each other owner is served first.
        let mut queue = Queue::default();
        enter(&mut queue, "aaaaabbbbb");
        let mine = queue.enter('c');
        let mut before = 0;
        while queue.next() != Some(mine) {
            enter(&mut queue, "abd");
            queue.serve(queue.next().unwrap());
            before += 1;
        }
        assert_eq!(before, 2);
    }
}
