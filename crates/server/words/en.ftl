# The words of the pages in English. Plain, and short: reading age 12 for coordinators and workers, 9 for the person.

# Around every page
skip = Skip to the page
brand = peermatch
ways = Ways through the roster
way-waiting = Waiting list
language = Language
language-change = Change language
sign-out = Sign out
demo = This is a demonstration. Everybody on this machine is let in, and nobody in it is real.

# Signing in
sign-in-title = Sign in
sign-in-login = Name
sign-in-password = Password
sign-in-do = Sign in

# When something cannot be done
problem-title = That did not work
problem-faults = What needs to be put right
problem-request = If it goes on, tell whoever runs the service this number: { $name }
problem-back = Back to the start

# Rosters
rosters-title = Your rosters
rosters-none = No roster is kept yet.
nothing-title = Nothing here for you
nothing-words = Your sign-in is good, but there is no page for what you may do. Ask whoever gave it to you.

# The waiting list
waiting-title = Who is waiting
waiting-lead = Longest wait first. Nothing but the wait decides the order.
waiting-none = Nobody is waiting.
waiting-person = Who
waiting-days = Waiting
waiting-blocker = How it stands
queue-chooses = Is choosing
queue-offered = Asked
queue-could = Could be matched
queue-waits = Waits
queue-menu = The choice they have
waiting-next = What can be done
waiting-more = Show who comes next
days = { $n ->
    [one] 1 day
   *[other] { $n } days
}

# One person
person-title = Who could walk alongside { $name }?
person-waited = { $n ->
    [0] Waiting since today.
    [one] Waiting for 1 day.
   *[other] Waiting for { $n } days.
}
person-available = { $n ->
    [0] Nobody can be matched with this { $who } now.
    [one] One worker could.
   *[other] { $n } workers could.
}
person-people-decide = These are suggestions. You and the { $who } decide.
person-promised = { $n ->
    [one] The service promises one option.
   *[other] The service promises { $n } options to choose from.
}
person-with = Walks with
card-for = What fits
card-caution = Mind this
card-unknown = Not known yet
card-meeting = How they could meet
card-cost = For everybody else
card-firm = How firm this is
card-hints = Talk about first
card-why = Every reason
met = Met
partly = Partly met
not-met = Not met
unknown = Not known
menu-make = Offer a choice of workers
menu-make-about = A place is held with each until the { $who } has answered.
person-everyone = Show everyone
person-others = Why the others are not here
person-others-fewer = fewer than three
person-compare = Compare side by side
person-compare-do = Compare
person-compare-about = Choose two or more, up to four.
person-why = Why not somebody else?
person-why-worker = Worker
person-why-do = Ask why
why-title = The reasons, for { $name }
compare-title = Side by side, for { $name }
why-yes = They could be matched.
why-no = They cannot be matched.
why-changes = What would change it
why-asked = What was asked for
back-person = Back to the { $who }

# A menu
menu-title = A choice for { $name }
menu-lead = This is word for word what the { $who } reads.
menu-record = Write down what they said
menu-answer = They said
menu-answer-pick = I choose { $name }
menu-answer-none = None of these
menu-answer-later = Ask me later
menu-how = How they said it
how-in_person = Face to face
how-phone = By telephone
how-video = By video
how-message = By message or mail
how-letter = In a letter or on a form
how-supporter = Through somebody who supports them
menu-record-do = Write it down
menu-said = Written down
menu-said-pick = They chose { $name }.
menu-said-none = They said: none of these.
menu-said-later = They said: ask me later.
menu-undo = Take it back
menu-undo-about = You can take it back for ten minutes, while nothing has followed from it.
menu-withdraw = Withdraw the choice
menu-state-open = Waiting for an answer
menu-state-answered = Answered
menu-state-expired = Over
menu-state-withdrawn = Withdrawn
no-menu-title = There is nothing to choose from now
sheet-fits = What you asked for
sheet-not = What is different
sheet-unknown = What is not known
sheet-meeting = How you could meet

# How it looks
look-title = How the pages look

# The person's own pages
open-title = Your own page
open-lead = You have a link and a code of six numbers. Write the code here. It works once.
open-code = Code
open-do = Open
open-wrong = That link and code do not work, or no longer. Ask the service for a new link.
me-title = Your page
me-nothing-open = There is nothing to choose just now.
me-change = I would like somebody else
me-change-about = You can change at any time. You do not have to say why.
held-title = What is held about you
held-lead = This is everything that the service holds about you. If something is wrong, tell the service, and it will be put right.
back = Back
link-make = Make a link for them
link-title = A link for { $name }
link-lead = Seen once. Send the link one way, and tell the code another way.
link-address = Link
link-code = Code
answer-yes = Yes
answer-no = No

# Who has room
way-board = Who has room
board-title = Who has room
board-lead = Nothing that a worker has lived through stands here, or changes anything here.
board-worker = Worker
board-places = Free places
board-people = Walks with
board-held = Held for choices
board-nobody-new = Takes nobody new now
board-more = Show more workers
of-most = { $n } of { $most }

# The service on one page
way-report = Report
report-title = The service on one page
report-from = From
report-until = Until
report-do = Show
report-about = about { $n }
report-hidden = too few to tell
report-total = Together

# A match
match-title = { $person } and { $worker }
match-next = What comes next
match-do = What has happened
match-open = How it goes on
step-accept = I agree that { $worker } is asked
step-reject = I do not agree
step-person-yes = { $person } says yes
step-person-no = { $person } says no
step-worker-yes = { $worker } says yes
step-worker-no = { $worker } says no
step-first-meeting = They are meeting for the first time
step-activate = They walk together
step-pause = They pause
step-resume = They go on
step-end = It has come to its end
step-take-back = Take the last step back
status-proposed = Proposed
status-offered = Waiting for answers
status-accepted = Everybody said yes
status-first-meeting = First meeting
status-active = Walking together
status-paused = Paused
status-ended = Ended
status-expired = No answer in time
status-no = Did not come about

# The peer worker's own pages
work-title = Your people
work-asked = You are asked
work-asked-none = Nobody is waiting for your answer.
work-looking-for = What they are looking for
work-own-wishes = What you wished for
work-walking = You walk with
work-walking-none = Nobody just now.

# The service's own word for the person
person-word = person
language-draft = These words in te reo Māori are a draft that a fluent reader has not checked yet. What the engine says of each choice is in English.
help-title = Help

# Records
record-add-person = Add a { $who }
record-add-worker = Add a worker
record-edit = Change what is kept of { $name }
record-change = Change what is kept
record-add-do = Add
record-save = Save
record-leave = Leave without saving
record-hidden = Some of what is kept here is not for you to see. It stays as it is when you save.
record-name-about = What they are called. Kept beside the record: nothing that matches ever sees it.
part-who = Who
part-wishes = What they wish for
part-where = Where and how
part-when = When
part-languages = Languages
part-experiences = Lived experience
part-culture = Culture and identity
part-room = Room for people
part-work = How they work
part-training = Training and competence
part-own-wishes = Their own wishes
field-name = Name
field-id = Number or sign
field-services = Services
field-wait-since = Waiting since
field-status = Where they stand
field-age-band = Age
field-area = Area
field-areas = Areas
field-lat = Latitude
field-lon = Longitude
field-max-travel-min = Longest journey, in minutes
field-transport = Getting around
field-needs-lift = Needs a lift
field-languages = Languages
field-tag = Language
field-level = Level
field-comfort = How they feel about working with it
field-modes = Ways to meet
field-availability = Times
field-zone = Time zone
field-goals = Goals
field-support-types = Kinds of support
field-experiences = Lived experience
field-concept = Experience
field-perspective = Whose
field-direction = Direction
field-importance = How much it matters, 0 to 3
field-consent-match = May be used for matching
field-consent-coordinator = A coordinator may see it
field-consent-show = May be shown before meeting
field-wishes = Wishes
field-dimension = About
field-values = Values
field-strength = How much it matters
field-stated-by = Said by
field-confirmed = Confirmed by them
field-demand = How many workers at once
field-contact = How often they meet
field-identity = Identity
field-system = List
field-code = Code
field-use-for-matching = May be used for matching
field-nominated-peers = People of their own
field-relation = What they are to them
field-consented = Agreed to be asked
field-role = What they do
field-max-people = Most people at once
field-current-people = People now
field-new-starts = New people at once
field-minimum = New people at least
field-load-max = Most load
field-load-now = Load now
field-team = Team
field-supervisor = Supervisor
field-paused-until = Takes nobody new before
field-available-from = First day
field-available-until = Last day
field-licence = Driver's licence
field-vehicle = Has a vehicle to drive people in
field-places = Places to meet
field-styles = Ways of working
field-interests = Interests
field-training = Training
field-date = Day
field-expires = Until
field-supervision-due = Supervision due by
field-vetting-until = Vetting valid until
field-not-now = Not now
field-age-consent-match = Age may be used for matching
field-age-consent-show = Age may be shown before meeting
field-gender = Gender
field-gender-consent-match = Gender may be used for matching
field-gender-consent-show = Gender may be shown before meeting
field-competences = Cultural competence
field-a-id = One
field-b-id = The other
field-kind = Why
field-until = Until
field-when = When
field-got-on = How they got on, 1 to 5
field-felt-understood = Felt understood, 1 to 5
field-choice-felt-real = The choice felt real, 1 to 5
field-right-fit = The right match
field-progress = Progress with
field-would-recommend = Would recommend it
field-may-be-used = May be used to match better
field-complaint = It is a complaint

# Two who are kept apart
apart-title = Keep somebody away
apart-about = These two will not be matched. Nobody is told that it is so, or why. Ask the worker too, without a name: do you know anybody from there?
apart-kind = Why
apart-until = Until (empty: for good)
apart-do = Keep apart
apart-done = Written down. They will not be matched.

# One person, further
person-matches = Matches
person-none = None of these?
person-none-about = Nobody has to take what there is.
person-none-change = Change what was asked for
person-none-wait = Leave them waiting, and go back to the list
card-what-if = What if?
link-make-own = Make a link to their own pages

# What if
what-if-title = What if { $person } had { $worker }?
what-if-nothing-done = Nothing is changed by looking.
what-if-nobody = Nobody else would be proposed somebody else.
what-if-now = Proposed now
what-if-then = Proposed then
what-if-waits = Nobody, waits on
what-if-one-way = This is one way that asks least of everybody. There may be others as good.
what-if-only = Who has nobody but { $name }
what-if-only-none = Nobody else.
what-if-room = The room that { $name } has

# Who has room, further
board-days = Days
board-areas = Areas
board-ahead = Ahead
board-begins = Begins on { $name }.
board-paused = Takes nobody new before { $name }.
board-last = Last day { $name }.
board-starts = { $n } new at once
board-load = load { $n } of { $most }
worker-walks-with = Walks with
pause-title = Nobody new for a while
pause-about = No reason is kept. People they walk with stay. Without a day, they take new people again.
pause-own-about = You do not have to say why. People you walk with stay. Without a day, you take new people again.
pause-until = Until
pause-do = Write it down

# Workers leave
handover-title = Hand over
handover-lead = Somebody leaves, or is away for long. Where could the people go who walk with them?
handover-who = Who leaves
handover-do = Look where their people could go
handover-leaving = Leaving
handover-proposal = A proposal. Nothing is changed until you take it up, and nobody changes worker before they have said yes.
handover-list = Of those who wait, { $before } could be matched without this, and { $after } with it.
handover-nobody = Nobody walks with them now.
handover-talk = Talk with them first.
handover-to = to
handover-none = nobody could be found
handover-kept = { $n } of their wishes met as before.
handover-lost = What they would lose
handover-gained = What they would gain
handover-take-one = Propose this
handover-take-about = Those ticked become proposals. You decide on each, and both are asked.
handover-take = Make the proposals
handover-taken = Proposals were made. They stand with each of the people.

# A change of worker
change-title = Change worker
change-about = Nobody's fault, and no reason is asked. The { $who } keeps their place on the waiting list. The worker is told only that it has ended.
change-pause = Pause instead, and keep the place
change-not-again = They do not want to be asked about this worker again
change-do = Change worker

# How it goes
feedback-title = How it goes
feedback-about = Everything may be left out. Nothing said here grades anybody.
feedback-said = What they say
feedback-voice = Who speaks
feedback-given = Written down.

# How it came to be
history-open = How it came to be
history-title = How { $person } and { $worker } came to be
history-by = written down by { $name }
history-known = What was known when it was proposed
history-day = Day
history-shown = Chosen among
history-engine = Version
history-roster = The roster, by its hash
history-policy = The policy, by its hash
history-replay = The same question, asked again today
history-same = Nothing has changed since: the same question has the same answer.
history-changed = The roster or the policy has changed since.
history-other-engine = The engine is of another version, too.
history-reason = Reason
history-then = Then
history-now = Now
history-gone = More stood there then. It is no longer so, or may no longer be told.
history-no-replay = Why was not kept for this match: it came from elsewhere or from a whole matching.
happened-proposed = Proposed
happened-agreed = The coordinator agreed
happened-not-agreed = The coordinator did not agree
happened-offered = Offered: from here on the place is held

# What is asked of those who coordinate
asks-title = Asked of you
asks-lead = What people and workers ask for, from their own pages.
asks-none = Nobody asks for anything.
waiting-asks = { $n ->
    [one] Somebody asks you for something.
   *[other] { $n } ask you for something.
}
ask-choose-together = Would like to choose together with somebody who helps them.
ask-choose-together-own = I want to choose with somebody who helps me
ask-correct = Says that something kept of them is not right.
ask-talk = Would like to talk.
ask-done = I have seen to it

# On paper
menu-print = On paper
print-title = Who could walk with you?
print-large = Large print
print-usual = Usual print

# The person's own pages, further
me-said = Thank you. It is written down.
me-how = How is it going?
me-how-good = It is good
me-how-not-sure = I am not sure
me-together-asked = You asked to choose with somebody who helps you. The service will talk with you.
me-talk = Please talk with me
me-talk-asked = You asked to talk. The service will be in touch.
held-correct = Something is not right?
held-correct-what = What should be different?
held-correct-do = Ask to put it right

# The peer worker's own pages, further
use-title = What you told, and what it is used for
use-lead = You can take back leave at any time: ask below.
use-nothing = used for nothing
use-matching = used to find people for you
use-coordinator = a coordinator may see it
use-person = a { $who } may see it before you meet

# For whoever administers
office-title = Keys and accounts
office-accounts = Who may sign in
office-add-account = Let somebody in
office-add-account-do = Open the account
office-password-about = At least 12 letters. They can change it with you later.
office-roles = What they may do
office-state = State
office-closed = Closed
office-close = Close { $name }
office-keys = Keys for programs
office-keys-about = A key lets a program call this service. It is shown once, when it is made.
office-add-key = Make a key
office-add-key-do = Make the key
office-label = What it is for
office-revoke = Revoke { $name }
office-secret = This is the key. Keep it safe: it is never shown again.
office-worker = Only for a peer worker's own pages
office-worker-id = Worker, by number or sign
office-roster = Roster
role-coordinator = Coordinator
role-peer-worker = Peer worker
role-service-user = Person
role-auditor = Auditor
role-integrator = Case system
role-administrator = Administrator

# A roster from files
import-title = Put in from files
import-files = Files
import-files-about = A roster in JSON, or all the files of a pack (pack.toml and the CSV files) at once.
import-how = Whoever is not in the files
import-merge = stays
import-replace = is ended
import-do = What to do
import-dry = Only look what would change
import-put-in = Put it in
import-go = Go on
import-nothing = Nothing was changed.
import-would = This is what would change. Nothing has been changed. Choose the files again to put them in.
import-done = It is in.
import-kind = Records
import-added = New
import-changed = Changed
import-ended = Ended
import-same = As before
import-people = People
import-workers = Workers
import-services = Services
import-matches = Matches
import-names = Names
import-others = Others

field-more = More
waiting-more-steps = { $n ->
    [one] One more step
   *[other] { $n } more steps
}
report-groups = Do people of each group get what they asked for?
report-groups-about = Of those who say their ethnicity and let it be used. Somebody of several groups is counted in each. Groups that are too small to tell are left out.
reason-may-be-said = They let it be told before you all meet.
reason-not-aloud = For you alone: do not tell it on.
own-words-title = Who you are, in your own words
own-words-about = People you are offered to read this. Tell only what you want to tell. Nothing that matches ever sees it.
own-words-of = In their own words
own-words-of-about = What they want people to read whom they are offered to. Write it as they say it. Nothing that matches ever sees it.
own-words-do = Keep these words
answer-no-after-all = No after all
report-group = Group
menu-size = How many workers, at most
record-as-now = See it as it is now, beside this (opens another page)
happened-picked = Picked from a choice
happened-imported = Put in from elsewhere
