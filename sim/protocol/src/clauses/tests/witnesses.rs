//! K2, K20, K22: what must be seen at least once.

use calloff_model::Code;

use super::story::*;
use crate::clauses::ClauseId;
use crate::history::Action;

const CANCELED: Code = Code::RPC_E_CALL_CANCELED;

/// A third call of `CALLER`.
const ISSUE_AGAIN: Action = Action::Issue(MORE);

fn facets(id: &str) -> Vec<String> {
    let clause = ClauseId::find(id).expect("a clause");
    clause.facets.iter().map(|facet| (*facet).to_owned()).collect()
}

#[test]
fn k2_is_witnessed_by_a_result_after_s_ok_or_before_it() {
    let accepted = story().issues(WORK).enters(WORK).begins(CANCELLER, cancel(CALLER, 0));
    let before = accepted.clone().ends(CANCELLER, Code::S_OK).replies(WORK, Code::E_FAIL);
    assert_eq!(before.gets(WORK, Code::E_FAIL).witnessed("K2"), facets("K2"));
    let after = accepted.replies(WORK, Code::S_OK).gets(WORK, Code::S_OK);
    assert_eq!(after.ends(CANCELLER, Code::S_OK).witnessed("K2"), facets("K2"));
}

#[test]
fn k2_is_not_witnessed_by_a_cancellation_or_by_a_doubtful_target() {
    let accepted = story().issues(WORK).enters(WORK).does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    assert!(accepted.clone().gets(WORK, CANCELED).witnessed("K2").is_empty());
    let own = accepted.replies(WORK, CANCELED).gets(WORK, CANCELED);
    assert!(own.witnessed("K2").is_empty());
    let wide = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0)).issues(NEXT);
    let wide = wide.ends(CANCELLER, Code::S_OK).replies(NEXT, Code::S_OK).gets(NEXT, Code::S_OK);
    assert!(wide.witnessed("K2").is_empty());
    let refused = story().depth(CALLER, 0).issues(WORK).replies(WORK, Code::S_OK);
    let refused = refused.does(CANCELLER, cancel(CALLER, 0), Code::CO_E_CANCEL_DISABLED);
    assert!(refused.gets(WORK, Code::S_OK).witnessed("K2").is_empty());
}

#[test]
fn k20_is_witnessed_by_each_row_of_the_table_of_cancel() {
    let rows = [Code::S_OK, CANCELED, Code::CO_E_CANCEL_DISABLED, Code::RPC_E_CALL_COMPLETE];
    let issued = story().issues(WORK);
    let all = rows.into_iter().fold(issued, |s, code| s.does(CANCELLER, cancel(CALLER, 0), code));
    let all = all.gets(WORK, CANCELED);
    assert_eq!(all.witnessed("K20"), facets("K20"));
}

#[test]
fn k20_is_not_witnessed_by_other_codes_or_by_other_operations() {
    let other = story().does(CANCELLER, cancel(CALLER, 0), Code::E_NOINTERFACE).issues(WORK);
    let other = other.does(CANCELLER, get(CALLER), Code::S_OK).replies(WORK, CANCELED);
    assert!(other.gets(WORK, CANCELED).witnessed("K20").is_empty(), "its server said so");
}

#[test]
fn k22_is_witnessed_when_the_caller_issues_before_cancel_returns() {
    let first = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0)).gets(WORK, CANCELED);
    assert_eq!(first.issues(NEXT).witnessed("K22"), facets("K22"));
}

#[test]
fn k22_is_not_witnessed_when_cancel_has_returned_or_was_another_one() {
    let issued = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0));
    let after = issued.clone().ends(CANCELLER, Code::S_OK).gets(WORK, CANCELED).issues(NEXT);
    assert!(after.witnessed("K22").is_empty());
    let other = issued.begins(SECOND, cancel(CALLER, 0)).ends(CANCELLER, Code::S_OK);
    let other = other.gets(WORK, CANCELED).issues(NEXT);
    assert!(other.witnessed("K22").is_empty());
    let result = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0));
    let result = result.replies(WORK, Code::S_OK).gets(WORK, Code::S_OK).issues(NEXT);
    assert!(result.witnessed("K22").is_empty());
}

#[test]
fn k22_is_not_witnessed_by_a_cancellation_out_of_nowhere() {
    let nowhere = story().issues(WORK).gets(WORK, CANCELED).issues(NEXT);
    assert!(nowhere.witnessed("K22").is_empty());
}

#[test]
fn k22_is_witnessed_although_another_cancel_found_the_next_call_complete() {
    let nested = story().issues(WORK).begins(SECOND, cancel(CALLER, 5)).issues(NEXT);
    let nested = nested.begins(CANCELLER, cancel(CALLER, 5)).replies(NEXT, Code::S_OK);
    let nested = nested.gets(NEXT, Code::S_OK).gets(WORK, CANCELED);
    let nested = nested.ends(CANCELLER, Code::RPC_E_CALL_COMPLETE);
    assert_eq!(nested.does(CALLER, ISSUE_AGAIN, Code::S_OK).witnessed("K22"), facets("K22"));
}
