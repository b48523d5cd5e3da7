/* SPDX-License-Identifier: EUPL-1.2 */
/* The report's words in bokmål and nynorsk, both complete: one table, one row a word. */
#pragma once
#include "model/event.h"

#define REP_WORDS(X)                                                                                     \
	X(TITLE, "Nattrapport", "Nattrapport")                                                           \
	X(REGION, "Regionen", "Regionen")                                                                \
	X(FOR_DAY, "Døgnet", "Døgnet")                                                                   \
	X(FOR_MONTH, "Måneden hittil", "Månaden hittil")                                                 \
	X(FOR_YEAR, "13 måneder", "13 månader")                                                          \
	X(RESULT, "Resultatet", "Resultatet")                                                            \
	X(ALARMS, "Alarmer", "Alarmar")                                                                  \
	X(BY_KIND, "Alarmer etter type", "Alarmar etter type")                                           \
	X(KIND, "Type", "Type")                                                                          \
	X(ALL_ALARMS, "Alle alarmer", "Alle alarmar")                                                    \
	X(CARE_ALARMS, "Alarmer som skal besvares", "Alarmar som skal svarast på")                       \
	X(ANSWER, "Svartid", "Svartid")                                                                  \
	X(ANSWER_NOTE,                                                                                   \
	  "Fra huben tok imot alarmen til noen tok den. Tekniske alarmer er ikke med. Færre enn "       \
	  "20 alarmer gir antall, ikke prosent.",                                                        \
	  "Frå huben tok imot alarmen til nokon tok han. Tekniske alarmar er ikkje med. Færre "        \
	  "enn "                                                                                         \
	  "20 alarmar gjev tal, ikkje prosent.")                                                         \
	X(WITHIN60, "Besvart innen 60 s", "Svara på innan 60 s")                                         \
	X(WITHIN180, "Besvart innen 180 s", "Svara på innan 180 s")                                      \
	X(ANSWERED, "Besvart i det hele", "Svara på i det heile")                                        \
	X(MEDIAN, "Median svartid", "Median svartid")                                                    \
	X(P90, "90 % besvart innen", "90 % svara på innan")                                              \
	X(MAX, "Lengste svartid", "Lengste svartid")                                                     \
	X(OF, "av", "av")                                                                                \
	X(ESCALATED, "Sendt videre fordi ingen svarte", "Sende vidare fordi ingen svara")                \
	X(NOBODY, "Ganger ingen var på vakt", "Gonger ingen var på vakt")                                \
	X(PRESSERS, "Personer med tre eller flere trykk på et døgn",                                     \
	  "Personar med tre eller fleire trykk på eit døgn")                                             \
	X(LATE, "Alarmer som ventet mer enn 180 s eller ikke ble besvart, dette døgnet",                 \
	  "Alarmar som venta meir enn 180 s eller ikkje vart svara på, dette døgnet")                    \
	X(LATE_NONE, "Ingen alarm ventet mer enn 180 s dette døgnet.",                                   \
	  "Ingen alarm venta meir enn 180 s dette døgnet.")                                              \
	X(FEW, "Alarmer som skulle besvares dette døgnet",                                               \
	  "Alarmar som skulle svarast på dette døgnet")                                                  \
	X(TIME, "Tid", "Tid")                                                                            \
	X(WAIT, "Ventet", "Venta")                                                                       \
	X(NOT_ANSWERED, "ikke besvart", "ikkje svara på")                                                \
	X(MUNI, "Kommune", "Kommune")                                                                    \
	X(WORST, "Flest alarmer denne måneden, etter kilde",                                             \
	  "Flest alarmar denne månaden, etter kjelde")                                                   \
	X(SOURCE, "Kilde", "Kjelde")                                                                     \
	X(DEVICE, "Enhet", "Eining")                                                                     \
	X(PLACE, "Plassering", "Plassering")                                                             \
	X(NONE, "Ingen.", "Ingen.")                                                                      \
	X(SILENT, "Enheter uten kontakt dette døgnet", "Einingar utan kontakt dette døgnet")             \
	X(SILENT_N, "Enheter uten kontakt", "Einingar utan kontakt")                                     \
	X(SILENT_H, "Timer uten kontakt", "Timar utan kontakt")                                          \
	X(MORE, "flere står i CSV-fila som antall", "fleire står i CSV-fila som tal")                    \
	X(FREED, "Frigjort tid", "Frigjord tid")                                                         \
	X(FREED_NOTE,                                                                                    \
	  "Frigjort tid er kapasitet, ikke penger spart. Bare dager enheten levde og ble brukt "         \
	  "teller. Tallene er målt mot kommunens egen nullpunktsmåling; spennet (lavt–høyt) "       \
	  "kommer "                                                                                      \
	  "av forutsetningene nederst.",                                                                 \
	  "Frigjord tid er kapasitet, ikkje pengar spart. Berre dagar eininga levde og vart "            \
	  "brukt "                                                                                       \
	  "tel. Tala er målte mot kommunen si eiga nullpunktsmåling; spennet (lågt–høgt) kjem av " \
	  "føresetnadene nedst.")                                                                        \
	X(DISPENSER, "Medisindispenser", "Medisindispensar")                                             \
	X(DOOR, "Dørsensor om natta", "Dørsensor om natta")                                              \
	X(SUPERVISION, "Digitalt tilsyn", "Digitalt tilsyn")                                             \
	X(USERS, "Brukere", "Brukarar")                                                                  \
	X(USER_DAYS, "Brukerdøgn som teller", "Brukardøgn som tel")                                      \
	X(DEAD_DAYS, "Brukerdøgn uten livstegn", "Brukardøgn utan livsteikn")                            \
	X(DOSES, "Doser gitt", "Dosar gjevne")                                                           \
	X(DOORS, "Døra åpnet eller lukket (om natta)", "Døra opna eller lukka (om natta)")               \
	X(SUPERVISIONS, "Tilsyn gjort", "Tilsyn gjorde")                                                 \
	X(CREATED, "Besøk teknologien selv skapte", "Besøk teknologien sjølv skapte")                    \
	X(VISITS, "Besøk spart, netto", "Besøk sparte, netto")                                           \
	X(KM, "Kilometer spart, netto", "Kilometer sparte, netto")                                       \
	X(HOURS, "Timer frigjort", "Timar frigjorde")                                                    \
	X(TOTAL, "Samlet", "Samla")                                                                      \
	X(LADDER, "Fra mulighet til budsjett, denne måneden",                                            \
	  "Frå moglegheit til budsjett, denne månaden")                                                  \
	X(STEP, "Trinn", "Trinn")                                                                        \
	X(FIGURE, "Tall", "Tal")                                                                         \
	X(POTENTIAL, "Mulig (alle brukerdøgn, alle besøk)",                                              \
	  "Mogleg (alle brukardøgn, alle besøk)")                                                        \
	X(STEP_FREED, "Frigjort (målt)", "Frigjord (målt)")                                              \
	X(REDEPLOYED, "Brukt til annet (dokumentert)", "Brukt til anna (dokumentert)")                   \
	X(BUDGET, "Tatt ut av budsjettet (vedtak)", "Teke ut av budsjettet (vedtak)")                    \
	X(NO_REDEPLOYED, "ingen dokumentasjon er lagret", "ingen dokumentasjon er lagra")                \
	X(NO_DECISION, "intet vedtak er lagret", "ikkje noko vedtak er lagra")                           \
	X(VALUE, "Verdi av frigjort kapasitet", "Verdi av frigjord kapasitet")                           \
	X(VALUE_NOTE,                                                                                    \
	  "Brutto: kostnader til teknologien er ikke lagret og ikke trukket fra. Beløpet er ikke "      \
	  "spart og kan ikke tas ut uten vedtak. Timepris:",                                             \
	  "Brutto: kostnader til teknologien er ikkje lagra og ikkje trekte frå. Beløpet er "          \
	  "ikkje "                                                                                       \
	  "spart og kan ikkje takast ut utan vedtak. Timepris:")                                         \
	X(VALUE_MISSING,                                                                                 \
	  "Kroner vises ikke. Det mangler:", "Kroner vert ikkje viste. Det manglar:")                    \
	X(MISS_BASE, "lokal nullpunktsmåling", "lokal nullpunktsmåling")                                 \
	X(MISS_EVENTS, "hendelser fra enhetene denne måneden",                                           \
	  "hendingar frå einingane denne månaden")                                                       \
	X(MISS_PRICE, "timepris med kilde, grad og prisår", "timepris med kjelde, grad og prisår")       \
	X(MISS_SMALL, "mange nok brukere til at tall kan vises",                                         \
	  "nok brukarar til at tal kan visast")                                                          \
	X(PRICE_YEAR, "prisår", "prisår")                                                                \
	X(GRADE, "Grad", "Grad")                                                                         \
	X(NO_BASE, "Ingen nullpunktsmåling er lagt inn, så frigjort tid kan ikke regnes ut.",            \
	  "Inga nullpunktsmåling er lagd inn, så frigjord tid kan ikkje reknast ut.")                    \
	X(MONTHS, "Måned for måned", "Månad for månad")                                                  \
	X(MONTH, "Måned", "Månad")                                                                       \
	X(GAPS, "Det tallene ikke vet", "Det tala ikkje veit")                                           \
	X(GAP_NO_MUNI, "Ingen kommuner er lagt inn.", "Ingen kommunar er lagde inn.")                    \
	X(GAP_UNPLACED, "Alarmer uten kjent plassering denne måneden",                                   \
	  "Alarmar utan kjend plassering denne månaden")                                                 \
	X(GAP_DEAD,                                                                                      \
	  "Brukerdøgn denne måneden uten livstegn fra enheten (de gir ingen frigjort tid)",              \
	  "Brukardøgn denne månaden utan livsteikn frå eininga (dei gjev inga frigjord tid)")            \
	X(GAP_COST,                                                                                      \
	  "Kostnader, opplæring og vedtak lagres ikke i varde; de må hentes fra regnskapet.",            \
	  "Kostnader, opplæring og vedtak vert ikkje lagra i varde; dei må hentast frå "              \
	  "rekneskapen.")                                                                                \
	X(GAP_VISITS,                                                                                    \
	  "Gjenværende besøk er det som er målt eller planlagt lokalt, ikke hentet fra "              \
	  "journalsystemet dag for dag.",                                                                \
	  "Attverande besøk er det som er målt eller planlagt lokalt, ikkje henta frå "               \
	  "journalsystemet dag for dag.")                                                                \
	X(GAP_TRAVEL,                                                                                    \
	  "Reisetid regnes ikke som frigjort i det mest sannsynlige tallet før kommunen har lagt "      \
	  "inn "                                                                                         \
	  "sin egen andel (TIME.travel_share); i det høyeste er hele turen med.",                        \
	  "Reisetid vert ikkje rekna som frigjord i det mest sannsynlege talet før kommunen har "       \
	  "lagt "                                                                                        \
	  "inn sin eigen del (TIME.travel_share); i det høgste er heile turen med.")                     \
	X(GAP_SILENT, "Enheter uten kontakt dette døgnet", "Einingar utan kontakt dette døgnet")         \
	X(GAP_PUBLISHED,                                                                                 \
	  "Medisindispenser: minutter ansikt til ansikt per brukerdøgn ligger utenfor det som er "      \
	  "publisert; se etter i nullpunktsmålingen. Målt:",                                             \
	  "Medisindispensar: minutt andlet til andlet per brukardøgn ligg utanfor det som er "          \
	  "publisert; sjå etter i nullpunktsmålinga. Målt:")                                             \
	X(SMALL_NOTE,                                                                                    \
	  "«:» står for tall som bygger på færre enn fem personer, eller som ville røpet et "      \
	  "slikt "                                                                                       \
	  "tall.",                                                                                       \
	  "«:» står for tal som byggjer på færre enn fem personar, eller som ville røpt eit "      \
	  "slikt "                                                                                       \
	  "tal.")                                                                                        \
	X(ASSUMPTIONS, "Forutsetninger", "Føresetnader")                                                 \
	X(ID, "Id", "Id")                                                                                \
	X(LOW, "Lavt", "Lågt")                                                                           \
	X(MODE, "Mest sannsynlig", "Mest sannsynleg")                                                    \
	X(HIGH, "Høyt", "Høgt")                                                                          \
	X(UNIT, "Enhet", "Eining")                                                                       \
	X(YEAR, "Prisår", "Prisår")                                                                      \
	X(FROM, "Kilde", "Kjelde")                                                                       \
	X(GRADE_NOTE,                                                                                    \
	  "Grad: A randomisert, B med kontrollgruppe, C målt før og etter, D anslag, E "               \
	  "leverandør, - logiske grenser uten publisert tall.",                                          \
	  "Grad: A randomisert, B med kontrollgruppe, C målt før og etter, D overslag, E "             \
	  "leverandør, - logiske grenser utan publisert tal.")                                           \
	X(HASH, "Kontrollsum av alle fakta bak rapporten (SHA-256)",                                     \
	  "Kontrollsum av alle fakta bak rapporten (SHA-256)")                                           \
	X(MUNIS, "Kommunene, denne måneden", "Kommunane, denne månaden")                                 \
	X(INDICATOR, "Indikator", "Indikator")                                                           \
	X(PERIOD, "Periode", "Periode")                                                                  \
	X(VALUE_COL, "Verdi", "Verdi")                                                                   \
	X(NUMERATOR, "Teller", "Teljar")                                                                 \
	X(DENOMINATOR, "Nevner", "Nemnar")                                                               \
	X(FILES, "Tallene som fil:", "Tala som fil:")                                                    \
	X(ANSWER_ONE, "alarm skulle besvares dette døgnet",                                              \
	  "alarm skulle svarast på dette døgnet")                                                        \
	X(ANSWER_MANY, "alarmer skulle besvares dette døgnet",                                           \
	  "alarmar skulle svarast på dette døgnet")                                                      \
	X(SAY_WITHIN, "ble besvart innen 60 sekunder", "vart svara på innan 60 sekund")                  \
	X(SAY_NO_ALARM, "Ingen alarm skulle besvares dette døgnet.",                                     \
	  "Ingen alarm skulle svarast på dette døgnet.")                                                 \
	X(SAY_FREED, "Teknologien frigjorde i måneden hittil",                                           \
	  "Teknologien frigjorde i månaden hittil")                                                      \
	X(SAY_HOURS, "timer", "timar")                                                                   \
	X(SAY_BETWEEN, "mellom", "mellom")                                                               \
	X(SAY_AND, "og", "og")                                                                           \
	X(SAY_SMALL,                                                                                     \
	  "Frigjort tid er skjult, fordi tallet bygger på eller røper færre enn fem personer.",          \
	  "Frigjord tid er skjult, fordi talet byggjer på eller røper færre enn fem personar.")

enum rep_word {
#define X(id, nb, nn) RW_##id,
	REP_WORDS(X)
#undef X
		RW_WORDS
};
const char *rep_word(enum rep_word w, bool nynorsk);
/* "Trygghetsalarm"; a kind without a word of its own has its vocabulary name. */
const char *rep_kind(enum vd_kind k, bool nynorsk);
const char *rep_month(int month, bool nynorsk); /* 1.. -> "jan." */
