// Which contests, claims and stored knock-outs there can be. Private to the module.
#pragma once

#include <assay/dispute/knockout.hpp>

namespace assay::dispute {

// Errors: invalid_terms, invalid_statement, and those of validate(Statement, Terms). Spec: KNOCKOUT-2.
Status validate(const Contest& contest);

// Errors: invalid_statement. Spec: KNOCKOUT-3.
Status validate(const Claim& claim, const Contest& contest);

// Whether two entrants of a round must play each other. Spec: KNOCKOUT-5.
inline bool meet(const Entrant& one, const Entrant& other)
{
    return one.standing == Standing::playing && other.standing == Standing::playing && one.group == other.group && one.claim != other.claim;
}

// Errors: those above; not_canonical when no knock-out can be in this state. Spec: KNOCKOUT-10.
Status check_form(const KnockoutState& state, hash::HashFunction function);

} // namespace assay::dispute
