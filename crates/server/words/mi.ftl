# Ngā kupu o ngā whārangi i te reo Māori. Draft, needs a fluent reviewer: nothing here has been read by one yet.

# Around every page
skip = Peke ki te whārangi
brand = peermatch
ways = Ngā ara o te rārangi
way-waiting = Rārangi tatari
language = Reo
language-change = Huria te reo
sign-out = Takiputa
demo = He whakaaturanga tēnei. Ka āhei ngā tāngata katoa kei tēnei rorohiko ki te kuhu, ā, kāore he tangata tūturu i roto.

# Signing in
sign-in-title = Takiuru
sign-in-login = Ingoa
sign-in-password = Kupuhipa
sign-in-do = Takiuru

# When something cannot be done
problem-title = Kāore i oti
problem-faults = Ngā mea hei whakatika
problem-request = Ki te pērā tonu, whakamōhiotia tēnei tau ki te kaiwhakahaere: { $name }
problem-back = Hoki ki te tīmatanga

# Rosters
rosters-title = Ō rārangi
rosters-none = Kāore anō he rārangi.
nothing-title = Kāore he mea i konei māu
nothing-words = He tika tō takiuru, engari kāore he whārangi mō āu mahi. Pātai atu ki te tangata nāna i hoatu.

# The waiting list
waiting-title = Ko wai kei te tatari
waiting-lead = Ko te tatari roa rawa ki mua. Ko te roa anake o te tatari e whakarite ana i te raupapa.
waiting-none = Kāore he tangata e tatari ana.
waiting-person = Tangata
waiting-days = Te tatari
waiting-blocker = Te āhua ināianei
queue-chooses = Kei te kōwhiri
queue-offered = Kua pātaihia
queue-could = Ka taea te hono
queue-waits = Kei te tatari
queue-menu = Ā rātou kōwhiringa
waiting-next = Ngā mahi ka taea
waiting-more = Whakaaturia ngā mea e whai ake ana
days = { $n ->
    [one] 1 te rā
   *[other] { $n } ngā rā
}

# One person
person-title = Ko wai ka haere tahi i te taha o { $name }?
person-waited = { $n ->
    [0] I tīmata te tatari i tēnei rā.
    [one] Kotahi te rā e tatari ana.
   *[other] E { $n } ngā rā e tatari ana.
}
person-available = { $n ->
    [0] Kāore he kaimahi ka taea te hono ki tēnei tangata ināianei.
    [one] Kotahi te kaimahi ka taea.
   *[other] E { $n } ngā kaimahi ka taea.
}
person-people-decide = He marohi ēnei. Mā kōrua ko te tangata e whakatau.
person-promised = { $n ->
    [one] Kotahi te kōwhiringa e oatihia ana e te ratonga.
   *[other] E { $n } ngā kōwhiringa e oatihia ana e te ratonga.
}
person-with = E haere tahi ana me
card-for = Ngā mea e hāngai ana
card-caution = Kia mahara
card-unknown = Kāore anō i mōhiotia
card-meeting = Me pēhea tā rāua tūtaki
card-cost = Mō ētahi atu
card-firm = Te ū o tēnei
card-hints = Kōrero tuatahi mō
card-why = Ngā take katoa
met = Kua tutuki
partly = Kua tutuki tētahi wāhanga
not-met = Kāore i tutuki
unknown = Kāore i mōhiotia
menu-make = Hoatu he kōwhiringa kaimahi
menu-make-about = Tae atu ki te toru ngā kaimahi. Ka puritia he wāhi ki ia kaimahi kia whakautu rā anō te tangata.
person-everyone = Whakaaturia te katoa
person-others = He aha ētahi atu kāore ai i konei
person-others-fewer = iti iho i te toru
person-compare = Whakataurite
person-compare-do = Whakataurite
person-compare-about = Kōwhiria kia rua, neke atu rānei, tae atu ki te whā.
person-why = He aha kāore ai i tētahi atu?
person-why-worker = Kaimahi
person-why-do = Pātaihia te take
why-title = Ngā take, mō { $name }
compare-title = Te whakataurite, mō { $name }
why-yes = Ka taea te hono.
why-no = Kāore e taea te hono.
why-changes = Ngā mea ka huri i tēnei
why-asked = Ngā mea i tonoa
back-person = Hoki ki te tangata

# A menu
menu-title = He kōwhiringa mā { $name }
menu-lead = Koinei tonu ngā kupu ka pānuitia e te tangata.
menu-record = Tuhia tā rātou i kī ai
menu-answer = I kī rātou
menu-answer-pick = Ka kōwhiri au i a { $name }
menu-answer-none = Kāore i ēnei
menu-answer-later = Pātai mai ā muri ake
menu-how = I pēhea tā rātou kī
how-in_person = Kanohi ki te kanohi
how-phone = Mā te waea
how-video = Mā te ataata
how-message = Mā te karere, mā te īmēra rānei
how-letter = Mā te reta, mā te puka rānei
how-supporter = Mā tētahi kaitautoko
menu-record-do = Tuhia
menu-said = Kua tuhia
menu-said-pick = I kōwhiri rātou i a { $name }.
menu-said-none = I kī rātou: kāore i ēnei.
menu-said-later = I kī rātou: pātai mai ā muri ake.
menu-undo = Whakahokia mai
menu-undo-about = Ka taea te whakahoki mai i roto i te tekau meneti, mēnā kāore anō he mea i whai mai.
menu-withdraw = Tangohia te kōwhiringa
menu-state-open = E tatari ana ki te whakautu
menu-state-answered = Kua whakautua
menu-state-expired = Kua mutu
menu-state-withdrawn = Kua tangohia
no-menu-title = Kāore he kōwhiringa ināianei
sheet-fits = Ngā mea i tonoa e koe
sheet-not = Ngā mea rerekē
sheet-unknown = Ngā mea kāore i te mōhiotia
sheet-meeting = Me pēhea tā kōrua tūtaki

# How it looks
look-title = Te āhua o ngā whārangi

# The person's own pages
open-title = Tāu ake whārangi
open-lead = He hono tāu, me tētahi waehere e ono ngā tau. Tuhia te waehere ki konei. Kotahi anake te wā ka mahi.
open-code = Waehere
open-do = Huakina
open-wrong = Kāore taua hono me taua waehere e mahi, kua kore rānei e mahi. Tonoa he hono hou i te ratonga.
me-title = Tō whārangi
me-nothing-open = Kāore he mea hei kōwhiri ināianei.
me-change = E hiahia ana au ki tētahi atu
me-change-about = Ka taea e koe te huri ahakoa te wā. Kāore koe e mate ki te whakamārama.
held-title = Ngā mea e puritia ana mōu
held-lead = Koinei ngā mea katoa e puritia ana e te ratonga mōu. Mēnā he hē, kōrero ki te ratonga, ka whakatikahia.
back = Hoki
link-make = Hangaia he hono mā rātou
link-title = He hono mā { $name }
link-lead = Kotahi anake te kitenga. Tukuna te hono mā tētahi ara, kōrerohia te waehere mā tētahi atu ara.
link-address = Hono
link-code = Waehere
answer-yes = Āe
answer-no = Kāo

# Who has room
way-board = He wāhi kei a wai
board-title = He wāhi kei a wai
board-lead = Kāore he mea o te ao o te kaimahi e tū ana i konei, e huri rānei i tētahi mea i konei.
board-worker = Kaimahi
board-places = Ngā wāhi wātea
board-people = E haere tahi ana me
board-held = E puritia ana mō ngā kōwhiringa
board-nobody-new = Kāore e tango i te tangata hou ināianei
board-more = Whakaaturia ētahi atu kaimahi
of-most = { $n } o te { $most }

# The service on one page
way-report = Pūrongo
report-title = Te ratonga i te whārangi kotahi
report-from = Mai i
report-until = Tae atu ki
report-do = Whakaaturia
report-about = tōna { $n }
report-hidden = he iti rawa hei kōrero
report-total = Te katoa

# A match
match-title = Ko { $person } rāua ko { $worker }
match-next = Ngā mea e whai ake ana
match-do = Kua aha
match-open = Me pēhea te haere tonu
step-accept = E whakaae ana au kia pātaihia a { $worker }
step-reject = Kāore au i te whakaae
step-person-yes = Kua whakaae a { $person }
step-person-no = Kāore a { $person } i whakaae
step-worker-yes = Kua whakaae a { $worker }
step-worker-no = Kāore a { $worker } i whakaae
step-first-meeting = Kei te tūtaki rāua mō te wā tuatahi
step-activate = E haere tahi ana rāua
step-pause = Kua tatari rāua
step-resume = Kei te haere tonu rāua
step-end = Kua mutu
step-take-back = Whakahokia te mahi whakamutunga
status-proposed = Kua marohitia
status-offered = E tatari ana ki ngā whakautu
status-accepted = Kua whakaae te katoa
status-first-meeting = Te tūtakitanga tuatahi
status-active = E haere tahi ana
status-paused = Kua tatari
status-ended = Kua mutu
status-expired = Kāore he whakautu i te wā
status-no = Kāore i tutuki

# The peer worker's own pages
work-title = Ō tāngata
work-asked = Kua pātaihia koe
work-asked-none = Kāore he tangata e tatari ana ki tō whakautu.
work-looking-for = Ngā mea e rapua ana e rātou
work-own-wishes = Ngā mea i hiahiatia e koe
work-walking = E haere tahi ana koe me
work-walking-none = Kāore he tangata ināianei.
