#!/usr/bin/env bash
# One application from the question to the delivery, against a running `lianshen demo`: the tour of the README.
#
#   docs/tour.sh [SERVER]       http://127.0.0.1:4000 unless told otherwise
#
# Needs bash, curl and jq. It files one application a day: run again, it writes nothing and shows how that one stands now.
set -euo pipefail

SERVER=${1:-http://127.0.0.1:4000}
KEY=${TOUR_KEY:-tour-$(date +%F)}
TOKEN=
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

# gql DOCUMENT [VARIABLES]
gql() {
    jq -n --arg query "$1" --argjson variables "${2:-null}" '{$query, $variables}' |
        curl -sS "$SERVER/graphql" -H 'content-type: application/json' -H 'accept-language: en' \
            ${TOKEN:+-H "authorization: Bearer $TOKEN"} --data-binary @-
}

# sign_in ACCOUNT
sign_in() {
    TOKEN=
    TOKEN=$(gql 'mutation SignIn($input: SessionSignInInput!) {
        sessionSignIn(input: $input) { session { accessToken } userErrors { code message } }
    }' '{ "input": { "accountName": "'"$1"'", "password": "binlan-county-320999" } }' |
        jq -er .data.sessionSignIn.session.accessToken)
}

# filed PATH: something of the application that was filed
filed() { jq -r ".data.applicationSubmit.application$1" filed.json; }

echo "== 1. What is needed to open a small restaurant? Nobody signs in to ask."
gql 'query Guide {
    guide(bundleCode: "YJS-001", answers: [
        { question: "Q1", value: "Y" }, { question: "Q2", value: "N" }, { question: "Q4", value: "Y" },
        { question: "Q5", value: "Y" }, { question: "Q6", value: "N" }
    ]) {
        guide {
            items { item { code name department { code } } }
            applicantProvides { material { code } }
            materialsIfSeparate
            jointPromised { n unit }
        }
        userErrors { code message }
    }
}' | jq -c '.data.guide.guide | .items[].item, { applicantProvides: [.applicantProvides[].material.code] },
    { materialsIfSeparate }, { jointPromised }'

echo "== 2. The window files it, without papers."
sign_in clerk
SUBMIT='mutation Submit($input: ApplicationSubmitInput!) {
    applicationSubmit(input: $input) {
        application {
            id receiptNumber queryCode state
            jointPromised { dueOn }
            cases {
                id caseNumber itemName state lamp
                department { code }
                promised { dueOn }
                statutory { dueOn }
                reviews { id state }
            }
        }
        userErrors { code message field }
    }
}'
cat >incomplete.json <<JSON
{ "input": {
    "idempotencyKey": "$KEY-submit",
    "bundleCode": "YJS-001",
    "answers": [
        { "question": "Q1", "value": "Y" }, { "question": "Q2", "value": "N" }, { "question": "Q4", "value": "Y" },
        { "question": "Q5", "value": "Y" }, { "question": "Q6", "value": "N" }
    ],
    "applicant": {
        "kind": "NATURAL_PERSON", "name": "李示例", "idNumber": "11010519491231002X", "phone": "13800000000"
    },
    "materials": []
} }
JSON
gql "$SUBMIT" "$(cat incomplete.json)" | jq -c '.data.applicationSubmit.userErrors[]'

echo "== 3. With papers: received, accepted, and in three departments, in one act."
jq '.input.materials = [("M-APP", "M-AD", "M-SITE", "M-DRAIN", "M-WATER-T", "M-PLAN") | { code: ., originals: 1 }]' \
    incomplete.json >complete.json
gql "$SUBMIT" "$(cat complete.json)" >filed.json
filed '' | jq -c '{ receiptNumber, queryCode, state, jointPromised },
    (.cases[] | { itemName, department: .department.code, state, lamp, promised: .promised.dueOn, statutory: .statutory.dueOn })'
gql "$SUBMIT" "$(cat complete.json)" | cmp - filed.json && echo "Sent again: the same answer, and nothing was written."

echo "== 4. What waits at the market regulator, the nearest deadline first?"
sign_in reviewer-sjj
gql 'query Inbox {
    inboxCounts { open claimedByMe alert yellow red }
    inbox(first: 2) {
        totalCount
        nodes { state lamp promisedDueOn promisedDaysLeft case { itemName application { receiptNumber } } }
    }
}' | jq -c '.data.inboxCounts, { totalCount: .data.inbox.totalCount }, .data.inbox.nodes[]'

echo "== 5. Each department gives its opinion on its own case. A disagreement needs reasons."
OPINION='mutation Opinion($input: ReviewGiveOpinionInput!) {
    reviewGiveOpinion(input: $input) { review { state opinion } userErrors { code message field } }
}'
# opinion CASE WHAT: CASE is its place in the application
opinion() {
    gql "$OPINION" "$(jq -n --arg key "$KEY-$1-$2" --arg id "$(filed ".cases[$1].reviews[0].id")" --arg opinion "$2" \
        '{ input: { idempotencyKey: $key, reviewId: $id, opinion: $opinion } }')" | jq -c .data.reviewGiveOpinion
}
departments=$(filed '.cases[].department.code' | tr '[:upper:]' '[:lower:]')
place=0
for department in $departments; do
    sign_in "reviewer-$department"
    if ((place == 0)); then opinion 0 DISAGREE; fi
    opinion $place AGREE
    place=$((place + 1))
done

echo "== 6. Each department decides, by another person. The last decision concludes the application."
place=0
for department in $departments; do
    sign_in "decider-$department"
    gql 'mutation Decide($input: CaseDecideInput!) {
        caseDecide(input: $input) {
            case { itemName state application { state outcome } }
            userErrors { code message }
        }
    }' '{ "input": { "idempotencyKey": "'"$KEY-decide-$place"'", "caseId": "'"$(filed ".cases[$place].id")"'", "decision": "GRANT" } }' |
        jq -c .data.caseDecide.case
    place=$((place + 1))
done

echo "== 7. The window delivers all results at once, and the papers that the law wants are there."
sign_in clerk
gql 'mutation Deliver($input: ApplicationDeliverInput!) {
    applicationDeliver(input: $input) {
        application { state outcome documents { kind number } }
        userErrors { code message }
    }
}' '{ "input": { "idempotencyKey": "'"$KEY-deliver"'", "applicationId": "'"$(filed .id)"'", "receivedBy": "李示例" } }' |
    jq -c '.data.applicationDeliver.application | { state, outcome }, .documents[]'

echo "== 8. The applicant looks it up, with the receipt and without an account."
TOKEN=
gql 'query Progress($receiptNumber: String!, $queryCode: String!) {
    progress(receiptNumber: $receiptNumber, queryCode: $queryCode) {
        state outcome
        cases { itemName state promised { dueOn remaining overdue } }
    }
}' "$(filed '' | jq '{ receiptNumber, queryCode }')" | jq -c '.data.progress | { state, outcome }, .cases[]'
