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
waiting-person = Ko wai
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
    [0] Kāore he kaimahi ka taea te hono ki tēnei { $who } ināianei.
    [one] Kotahi te kaimahi ka taea.
   *[other] E { $n } ngā kaimahi ka taea.
}
person-people-decide = He marohi ēnei. Mā kōrua ko te { $who } e whakatau.
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
menu-make-about = Ka puritia he wāhi ki ia kaimahi kia whakautu rā anō te { $who }.
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
back-person = Hoki ki te { $who }

# A menu
menu-title = He kōwhiringa mā { $name }
menu-lead = Koinei tonu ngā kupu ka pānuitia e te { $who }.
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

# The service's own word for the person
person-word = tangata
language-draft = He tauira ēnei kupu i te reo Māori, kāore anō i tirohia e te tangata matatau. Ko ngā kōrero a te pūnaha mō ia kōwhiringa kei te reo Ingarihi.
help-title = Āwhina

# Records
record-add-person = Tāpirihia he { $who }
record-add-worker = Tāpirihia he kaimahi
record-edit = Hurihia ngā mea e puritia ana mō { $name }
record-change = Hurihia ngā mea e puritia ana
record-add-do = Tāpirihia
record-save = Tiakina
record-leave = Wehe, kaua e tiaki
record-hidden = Ko ētahi mea e puritia ana i konei ehara māu e kite. Ka noho pērā tonu ina tiakina e koe.
record-name-about = Tō rātou ingoa. Ka noho i te taha o te pūkete: kāore te hononga e kite i te ingoa.
part-who = Ko wai
part-wishes = Ō rātou hiahia
part-where = Ki hea, me pēhea
part-when = Āhea
part-languages = Ngā reo
part-experiences = Wheako ake
part-culture = Ahurea me te tuakiri
part-room = He wāhi mō te tangata
part-work = Te āhua o te mahi
part-training = Whakangungu me te āheinga
part-own-wishes = Ō rātou ake hiahia
field-name = Ingoa
field-id = Tau, tohu rānei
field-services = Ngā ratonga
field-wait-since = E tatari ana mai i
field-status = Te tūnga
field-age-band = Pakeke
field-area = Rohe
field-areas = Ngā rohe
field-lat = Ahopae
field-lon = Ahopou
field-max-travel-min = Te haerenga roa rawa, i te meneti
field-transport = Te haere
field-needs-lift = Me tiki atu
field-languages = Ngā reo
field-tag = Reo
field-level = Taumata
field-comfort = Ō rātou kare ā-roto mō te mahi me tēnei
field-modes = Ngā ara tūtaki
field-availability = Ngā wā
field-zone = Rohe wā
field-goals = Ngā whāinga
field-support-types = Ngā momo tautoko
field-experiences = Wheako ake
field-concept = Wheako
field-perspective = Nō wai
field-direction = Ahunga
field-importance = Te nui o te take, 0 ki te 3
field-consent-match = Ka āhei te whakamahi mō te hono
field-consent-coordinator = Ka āhei te kairuruku te kite
field-consent-show = Ka āhei te whakaatu i mua i te tūtakitanga
field-wishes = Ngā hiahia
field-dimension = Mō te
field-values = Ngā uara
field-strength = Te nui o te take
field-stated-by = Nā wai i kī
field-confirmed = Kua whakaūngia e rātou
field-demand = E hia ngā kaimahi i te wā kotahi
field-contact = Te auau o te tūtaki
field-identity = Tuakiri
field-system = Rārangi
field-code = Waehere
field-use-for-matching = Ka āhei te whakamahi mō te hono
field-nominated-peers = Ō rātou ake tāngata
field-relation = Te hononga
field-consented = I whakaae kia pātaihia
field-role = Te mahi
field-max-people = Te nui rawa o ngā tāngata
field-current-people = Ngā tāngata ināianei
field-new-starts = Ngā tāngata hou i te wā kotahi
field-minimum = Ngā tāngata hou, i te iti rawa
field-load-max = Te kawenga nui rawa
field-load-now = Te kawenga ināianei
field-team = Rōpū
field-supervisor = Kaitirotiro
field-paused-until = Kāore he tangata hou i mua i
field-available-from = Rā tuatahi
field-available-until = Rā whakamutunga
field-licence = Raihana taraiwa
field-vehicle = He waka hei hari tangata
field-places = Ngā wāhi tūtaki
field-styles = Ngā āhua mahi
field-interests = Ngā mea e pai ai
field-training = Whakangungu
field-date = Rā
field-expires = Tae noa ki
field-supervision-due = Te tirotiro hei mua i
field-vetting-until = Te arowhai tae noa ki
field-not-now = Kaua ināianei
field-age-consent-match = Ka āhei te pakeke mō te hono
field-age-consent-show = Ka āhei te whakaatu i te pakeke i mua i te tūtakitanga
field-gender = Ira
field-gender-consent-match = Ka āhei te ira mō te hono
field-gender-consent-show = Ka āhei te whakaatu i te ira i mua i te tūtakitanga
field-competences = Āheinga ahurea
field-a-id = Tētahi
field-b-id = Tētahi atu
field-kind = He aha ai
field-until = Tae noa ki
field-when = Āhea
field-got-on = Te pai o te noho tahi, 1 ki te 5
field-felt-understood = I mārama ki a rātou, 1 ki te 5
field-choice-felt-real = He kōwhiringa tūturu, 1 ki te 5
field-right-fit = Te hononga tika
field-progress = Te koke i
field-would-recommend = Ka tūtohu atu
field-may-be-used = Ka āhei te whakamahi kia pai ake te hono
field-complaint = He amuamu tēnei

# Two who are kept apart
apart-title = Kia tawhiti tētahi
apart-about = Kāore ēnei tokorua e honoa. Kāore tētahi e whakamōhiotia, he aha ai rānei. Pātai hoki ki te kaimahi, kaua e whakahua ingoa: e mōhio ana koe ki tētahi nō reira?
apart-kind = He aha ai
apart-until = Tae noa ki (wātea: mō ake tonu)
apart-do = Wehea
apart-done = Kua tuhia. Kāore rāua e honoa.

# One person, further
person-matches = Ngā hononga
person-none = Kāore i ēnei?
person-none-about = Kāore tētahi e herea ki te mea e wātea ana.
person-none-change = Hurihia ngā mea i tonoa
person-none-wait = Waiho kia tatari, ka hoki ki te rārangi
card-what-if = Ka pēhea mēnā?
link-make-own = Hangaia he hono ki ō rātou ake whārangi

# What if
what-if-title = Ka pēhea mēnā kei a { $person } a { $worker }?
what-if-nothing-done = Kāore he mea e huri i te titiro.
what-if-nobody = Kāore he hurihanga mō tētahi atu.
what-if-now = Te marohi ināianei
what-if-then = Te marohi i muri
what-if-waits = Kāore tētahi, ka tatari tonu
what-if-one-way = Ko tētahi ara tēnei he iti te utu ki te katoa. Tērā pea he ara anō he pēnei te pai.
what-if-only = Ko wai te hunga ko { $name } anake
what-if-only-none = Kāore tētahi atu.
what-if-room = Te wāhi wātea a { $name }

# Who has room, further
board-days = Ngā rā
board-areas = Ngā rohe
board-ahead = Kei mua
board-begins = Ka tīmata i te { $name }.
board-paused = Kāore he tangata hou i mua i te { $name }.
board-last = Rā whakamutunga { $name }.
board-starts = { $n } hou i te wā kotahi
board-load = kawenga { $n } o te { $most }
worker-walks-with = E haere tahi ana me
pause-title = Kāore he tangata hou mō te wā
pause-about = Kāore he take e puritia. Ka noho tonu ngā tāngata. Ki te kore he rā, ka tango tāngata hou anō.
pause-own-about = Kāore koe e mate ki te kī he aha ai. Ka noho tonu ō tāngata. Ki te kore he rā, ka tango koe i ngā tāngata hou anō.
pause-until = Tae noa ki
pause-do = Tuhia

# Workers leave
handover-title = Tuku atu
handover-lead = Kei te wehe tētahi, kei tawhiti rānei mō te wā roa. Ka haere ō rātou tāngata ki hea?
handover-who = Ko wai e wehe ana
handover-do = Tirohia ka haere ō rātou tāngata ki hea
handover-leaving = E wehe ana
handover-proposal = He marohi. Kāore he mea e huri kia tango rā anō koe, ā, kāore tētahi e huri kaimahi i mua i te kī āe.
handover-list = O te hunga tatari, e { $before } ka taea te hono ki te kore tēnei, ā, e { $after } ki te pēnei.
handover-nobody = Kāore tētahi e haere tahi ana me rātou ināianei.
handover-talk = Me kōrero tuatahi ki a rātou.
handover-to = ki a
handover-none = kāore i kitea tētahi
handover-kept = E { $n } ō rātou hiahia e ea tonu ana.
handover-lost = Ngā mea ka ngaro
handover-gained = Ngā mea ka riro mai
handover-take-one = Marohitia tēnei
handover-take-about = Ka marohitia ngā mea kua tohua. Māu e whakatau, ka pātaihia te tokorua.
handover-take = Hangaia ngā marohi
handover-taken = Kua hangaia ngā marohi. Kei ia tangata e tū ana.

# A change of worker
change-title = Huri kaimahi
change-about = Ehara i te hē o tētahi, kāore he take e pātaihia. Ka mau te tūnga o te { $who } i te rārangi tatari. Ka kīia ki te kaimahi kua mutu, kāore i tua atu.
change-pause = Whakatārewatia kē, ka mau te wāhi
change-not-again = Kāore rātou e hiahia kia pātaihia anō mō tēnei kaimahi
change-do = Huri kaimahi

# How it goes
feedback-title = Kei te pēhea
feedback-about = Ka āhei te waiho wātea. Kāore tētahi e whakataua e ngā kōrero i konei.
feedback-said = Ā rātou kōrero
feedback-voice = Ko wai te kaikōrero
feedback-given = Kua tuhia.

# How it came to be
history-open = I pēhea i tae mai ai
history-title = I pēhea a { $person } rāua ko { $worker }
history-by = nā { $name } i tuhi
history-known = Ngā mea i mōhiotia i te marohitanga
history-day = Rā
history-shown = I kōwhiria i waenga i
history-engine = Putanga
history-roster = Te rārangi, mā tana hash
history-policy = Te kaupapahere, mā tana hash
history-replay = Te pātai anō, i tēnei rā
history-same = Kāore i huri: he ōrite te whakautu.
history-changed = Kua huri te rārangi, te kaupapahere rānei.
history-other-engine = He putanga kē te pūkaha hoki.
history-reason = Take
history-then = I taua wā
history-now = Ināianei
history-gone = He kōrero anō i reira i taua wā. Kua kore, kāore rānei e āhei te kī.
history-no-replay = Kāore te take i puritia mō tēnei hononga: nō wāhi kē, nō te hononga katoa rānei.
happened-proposed = I marohitia
happened-agreed = I whakaae te kairuruku
happened-not-agreed = Kāore te kairuruku i whakaae
happened-offered = I tukuna: ka mau te wāhi mai i konei

# What is asked of those who coordinate
asks-title = Ngā tono ki a koe
asks-lead = Ngā tono a ngā tāngata me ngā kaimahi, i ō rātou ake whārangi.
asks-none = Kāore he tono.
waiting-asks = { $n ->
    [one] He tono kotahi ki a koe.
   *[other] E { $n } ngā tono ki a koe.
}
ask-choose-together = Kei te hiahia kōwhiri tahi me tētahi e āwhina ana.
ask-choose-together-own = Kei te hiahia au ki te kōwhiri tahi me tētahi e āwhina ana i au
ask-correct = E kī ana kāore i te tika tētahi mea e puritia ana mō rātou.
ask-talk = Kei te hiahia kōrero.
ask-done = Kua oti i au

# On paper
menu-print = Ki te pepa
print-title = Ko wai ka haere tahi me koe?
print-large = Kupu nunui
print-usual = Kupu noa

# The person's own pages, further
me-said = Ngā mihi. Kua tuhia.
me-how = Kei te pēhea?
me-how-good = Kei te pai
me-how-not-sure = Kāore au i te tino mōhio
me-together-asked = I tono koe kia kōwhiri tahi me tētahi e āwhina ana i a koe. Ka kōrero te ratonga ki a koe.
me-talk = Kōrero mai ki au
me-talk-asked = I tono koe kia kōrero. Ka whakapā atu te ratonga.
held-correct = He hē tētahi mea?
held-correct-what = Me pēhea kē?
held-correct-do = Tonoa kia whakatikaina

# The peer worker's own pages, further
use-title = Ngā mea i kōrerotia e koe, me te whakamahinga
use-lead = Ka āhei koe te tango i tō whakaaetanga i ngā wā katoa: tonoa i raro.
use-nothing = kāore e whakamahia
use-matching = hei kimi tāngata māu
use-coordinator = ka kite te kairuruku
use-person = ka kite te { $who } i mua i tō kōrua tūtakitanga

# For whoever administers
office-title = Ngā kī me ngā pūkete
office-accounts = Ko wai ka āhei te takiuru
office-add-account = Tukuna mai tētahi
office-add-account-do = Huakina te pūkete
office-password-about = Kia 12 pū neke atu.
office-roles = Ngā mahi ka āhei
office-state = Āhuatanga
office-closed = Kua kati
office-close = Katia { $name }
office-keys = Ngā kī mō ngā papatono
office-keys-about = Mā te kī ka taea e te papatono te whakapā mai. Kotahi anake te whakaaturanga, i te hanganga.
office-add-key = Hangaia he kī
office-add-key-do = Hangaia te kī
office-label = Mō te aha
office-revoke = Whakakoretia { $name }
office-secret = Ko te kī tēnei. Tiakina: kāore e whakaaturia anō.
office-worker = Mō ngā ake whārangi a te kaimahi anake
office-worker-id = Kaimahi, mā te tau, te tohu rānei
office-roster = Rārangi
role-coordinator = Kairuruku
role-peer-worker = Kaimahi aropā
role-service-user = Tangata
role-auditor = Kaitātari
role-integrator = Pūnaha kēhi
role-administrator = Kaiwhakahaere

# A roster from files
import-title = Tāpiri mai i ngā kōnae
import-files = Ngā kōnae
import-files-about = He rārangi i te JSON, ko ngā kōnae katoa rānei o te pōkai (pack.toml me ngā CSV) i te wā kotahi.
import-how = Te hunga kāore i ngā kōnae
import-merge = ka noho
import-replace = ka mutu
import-do = Me aha
import-dry = Tirohia anake ka huri te aha
import-put-in = Kuhuna
import-go = Haere tonu
import-nothing = Kāore he mea i huri.
import-would = Ko ēnei ngā huringa. Kāore anō he mea i huri. Kōwhiria anō ngā kōnae hei kuhu.
import-done = Kua uru.
import-kind = Ngā pūkete
import-added = Hou
import-changed = I huri
import-ended = I mutu
import-same = Pērā tonu
import-people = Ngā tāngata
import-workers = Ngā kaimahi
import-services = Ngā ratonga
import-matches = Ngā hononga
import-names = Ngā ingoa
import-others = Ētahi atu

field-more = Anō
waiting-more-steps = { $n ->
    [one] Kotahi anō te mahi
   *[other] E { $n } anō ngā mahi
}
report-groups = Kei te whiwhi te iwi o ia rōpū i tā rātou i tono ai?
report-groups-about = Mō te hunga kua kī i tō rātou mātāwaka, kua whakaae hoki kia whakamahia. Ka tatauria te tangata nō ngā rōpū maha i ia rōpū. Kāore i konei ngā rōpū iti rawa.
reason-may-be-said = Ka whakaae rātou kia kōrerotia i mua i te tūtakitanga.
reason-not-aloud = Māu anake: kaua e kōrerotia atu.
own-words-title = Ko wai koe, ki āu ake kupu
own-words-about = Ka pānuitia tēnei e te hunga ka tukuna koe hei kōwhiringa. Kōrerotia ngā mea anake e hiahia ana koe. Kāore te hono e kite i tēnei.
own-words-of = Ki ā rātou ake kupu
own-words-of-about = Ko ngā kupu e hiahia ana rātou kia pānuitia e te hunga ka tukuna rātou hei kōwhiringa. Tuhia kia rite ki tā rātou kōrero. Kāore te hono e kite i tēnei.
own-words-do = Tiakina ēnei kupu
answer-no-after-all = Kāo, kua huri taku whakaaro
report-group = Rōpū
menu-size = Kia hia ngā kaimahi, te nui rawa
record-as-now = Tirohia te āhua o nāianei (ka tuwhera he whārangi anō)
happened-picked = I kōwhiria i ngā kōwhiringa
happened-imported = I whakaurua mai i wāhi kē
