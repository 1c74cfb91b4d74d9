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
waiting-person = Person
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
    [0] Nobody can be matched with this person now.
    [one] One worker could.
   *[other] { $n } workers could.
}
person-people-decide = These are suggestions. You and the person decide.
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
menu-make-about = Up to three workers. A place is held with each until the person has answered.
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
back-person = Back to the person

# A menu
menu-title = A choice for { $name }
menu-lead = This is word for word what the person reads.
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
