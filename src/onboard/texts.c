/* SPDX-License-Identifier: EUPL-1.2 */
/* Every text of onboarding: bokmål, nynorsk, English. Constant data. */
#include "onboard/text.h"

const char *const vd_texts[VD_T_COUNT][3] = {
	/* -- refusals: {0} and {1} are vd_refusal's a and b, {2} the date -- */
	[VD_T_REF_DEVICE_UNKNOWN] = {"Vi kjenner ikke koden. Sjekk at du skanner merkelappen fra "
				     "kommunen, ikke den fra fabrikken. («{0}»)",
				     "Vi kjenner ikkje koden. Sjekk at du skannar merkelappen frå "
				     "kommunen, ikkje den frå fabrikken. («{0}»)",
				     "We do not know this code. Check that you scan the "
				     "municipality's label, not the factory's. (\"{0}\")"},
	[VD_T_REF_DEVICE_AMBIGUOUS] =
		{"«{0}» passer på flere enheter. Oppgi én av dem, for eksempel med id:NUMMER.",
		 "«{0}» passar på fleire einingar. Oppgi éi av dei, til dømes med id:NUMMER.",
		 "\"{0}\" fits several devices. Name one of them, for example with id:NUMBER."},
	[VD_T_REF_OTHER_MUNI] = {"Enheten er registrert i en annen kommune. Be dem frigi den, "
				 "eller ta kontakt med {0} kommune.",
				 "Eininga er registrert i ein annan kommune. Be dei frigi henne, "
				 "eller ta kontakt med {0} kommune.",
				 "The device is registered in another municipality. Ask them to "
				 "release it, or contact {0} municipality."},
	[VD_T_REF_OTHER_MUNI_BARE] =
		{"Enheten er registrert i en annen kommune. Be dem frigi den.",
		 "Eininga er registrert i ein annan kommune. Be dei frigi henne.",
		 "The device is registered in another municipality. Ask them to release it."},
	[VD_T_REF_IN_USE] = {"Enheten står hos en annen mottaker (siden {2}). Velg «Bytt» eller "
			     "«Returner» først.",
			     "Eininga står hos ein annan mottakar (sidan {2}). Vel «Byt» eller "
			     "«Returner» først.",
			     "The device is with another recipient (since {2}). Choose \"Swap\" or "
			     "\"Return\" first."},
	[VD_T_REF_IN_USE_BARE] =
		{"Enheten står hos en annen mottaker. Velg «Bytt» eller «Returner» først.",
		 "Eininga står hos ein annan mottakar. Vel «Byt» eller «Returner» først.",
		 "The device is with another recipient. Choose \"Swap\" or \"Return\" first."},
	[VD_T_REF_GATEWAY_UNKNOWN] =
		{"Gatewayen «{0}» finnes ikke. Se «varde staff gateway list», eller legg den til "
		 "først.",
		 "Gatewayen «{0}» finst ikkje. Sjå «varde staff gateway list», eller legg han til "
		 "først.",
		 "There is no gateway \"{0}\". See \"varde staff gateway list\", or add it first."},
	[VD_T_REF_GATEWAY_REVOKED] = {"Gatewayen «{0}» er trukket tilbake. Gi den ny hemmelighet "
				      "først: «varde staff gateway secret».",
				      "Gatewayen «{0}» er trekt tilbake. Gi han ny løyndom først: "
				      "«varde staff gateway secret».",
				      "The gateway \"{0}\" is revoked. Give it a new secret first: "
				      "\"varde staff gateway secret\"."},
	[VD_T_REF_RECIPIENT_UNKNOWN] =
		{"Mottaker {0} finnes ikke i kommunen. Se «varde staff recipient list».",
		 "Mottakar {0} finst ikkje i kommunen. Sjå «varde staff recipient list».",
		 "There is no recipient {0} in the municipality. See \"varde staff recipient "
		 "list\"."},
	[VD_T_REF_RECIPIENT_ENDED] =
		{"Tjenesten til mottaker {0} ble avsluttet {2}. Velg en annen mottaker.",
		 "Tenesta til mottakar {0} vart avslutta {2}. Vel ein annan mottakar.",
		 "The service of recipient {0} ended on {2}. Choose another recipient."},
	[VD_T_REF_SERIAL_TAKEN] = {"Serienummeret «{0}» tilhører allerede enheten «{1}». Rett "
				   "serienummeret, eller returner den andre enheten først.",
				   "Serienummeret «{0}» høyrer allereie til eininga «{1}». Rett "
				   "serienummeret, eller returner den andre eininga først.",
				   "The serial number \"{0}\" belongs to the device \"{1}\" "
				   "already. Correct it, or return the other device first."},
	[VD_T_REF_IDENTITY_MISSING] = {"Identiteten mangler, og serienummeret «{0}» er ikke kjent "
				       "fra før. Fyll ut identiteten.",
				       "Identiteten manglar, og serienummeret «{0}» er ikkje kjent "
				       "frå før. Fyll ut identiteten.",
				       "The identity is missing and the serial number \"{0}\" is "
				       "not known. Fill in the identity."},
	[VD_T_REF_SCRAPPED] = {"Enheten «{0}» er kassert og kan ikke brukes igjen.",
			       "Eininga «{0}» er kassert og kan ikkje brukast igjen.",
			       "The device \"{0}\" is scrapped and cannot be used again."},
	[VD_T_REF_SAME_DEVICE] = {"Gammel og ny enhet er den samme. Skann den nye.",
				  "Gammal og ny eining er den same. Skann den nye.",
				  "Old and new device are the same. Scan the new one."},
	[VD_T_REF_NOT_PLACED] = {"Enheten «{0}» står ikke hos noen, så det er ingenting å bytte. "
				 "Bruk «varde device place» for den nye.",
				 "Eininga «{0}» står ikkje hos nokon, så det er ingenting å byte. "
				 "Bruk «varde device place» for den nye.",
				 "The device \"{0}\" is with nobody, so there is nothing to swap. "
				 "Use \"varde device place\" for the new one."},
	[VD_T_REF_MUNI_UNKNOWN] =
		{"Kommune {0} finnes ikke her. Se «varde staff municipality list».",
		 "Kommune {0} finst ikkje her. Sjå «varde staff municipality list».",
		 "There is no municipality {0} here. See \"varde staff municipality list\"."},
	[VD_T_REF_MUNI_EXISTS] = {"Kommune {0} finnes fra før.", "Kommune {0} finst frå før.",
				  "Municipality {0} is there already."},
	[VD_T_REF_STAFF_UNKNOWN] = {"Brukeren «{0}» finnes ikke. Se «varde staff list».",
				    "Brukaren «{0}» finst ikkje. Sjå «varde staff list».",
				    "There is no user \"{0}\". See \"varde staff list\"."},
	[VD_T_REF_STAFF_EXISTS] = {"Brukeren «{0}» finnes fra før. Velg et annet brukernavn.",
				   "Brukaren «{0}» finst frå før. Vel eit anna brukarnamn.",
				   "The user \"{0}\" is there already. Choose another user name."},
	[VD_T_REF_STAFF_SCOPE] = {"Brukeren «{0}» har ikke tilgang til kommune {1}. Gi tilgang "
				  "først: «varde staff scope {0} --add {1}».",
				  "Brukaren «{0}» har ikkje tilgang til kommune {1}. Gi tilgang "
				  "først: «varde staff scope {0} --add {1}».",
				  "The user \"{0}\" may not see municipality {1}. Allow it first: "
				  "\"varde staff scope {0} --add {1}\"."},
	[VD_T_REF_STAFF_DISABLED] =
		{"Brukeren «{0}» er sperret. Opphev det først: «varde staff enable {0}».",
		 "Brukaren «{0}» er sperra. Opphev det først: «varde staff enable {0}».",
		 "The user \"{0}\" is disabled. Undo that first: \"varde staff enable {0}\"."},
	[VD_T_REF_GATEWAY_EXISTS] =
		{"Gatewayen «{0}» finnes fra før. Velg et annet brukernavn.",
		 "Gatewayen «{0}» finst frå før. Vel eit anna brukarnamn.",
		 "The gateway \"{0}\" is there already. Choose another user name."},
	[VD_T_REF_SHIFT_TIMES] = {"Vakten må slutte etter at den begynner, og vare høyst 14 dager.",
				  "Vakta må slutte etter at ho byrjar, og vare høgst 14 dagar.",
				  "The shift must end after it begins, and last 14 days at most."},
	[VD_T_REF_TOO_MANY] = {"Grensen på {0} er nådd.", "Grensa på {0} er nådd.",
			       "The limit of {0} is reached."},
	/* -- storage and files: {0} = detail -- */
	[VD_T_STORE_FAILED] = {"Kunne ikke bruke databasen. {0}",
			       "Kunne ikkje bruke databasen. {0}", "Cannot use the database. {0}"},
	[VD_T_STORE_BUSY] = {"Databasen er opptatt eller disken er full. Prøv igjen. {0}",
			     "Databasen er oppteken eller disken er full. Prøv igjen. {0}",
			     "The database is busy or the disk is full. Try again. {0}"},
	[VD_T_STORE_NOTFOUND] = {"Finner ikke databasen {0}. Oppgi den med --db FIL, eller start "
				 "«varde serve» først.",
				 "Finn ikkje databasen {0}. Oppgi han med --db FIL, eller start "
				 "«varde serve» først.",
				 "Cannot find the database {0}. Name it with --db FILE, or start "
				 "\"varde serve\" first."},
	[VD_T_STORE_VERSION] = {"Databasen er laget av en nyere varde. Oppdater programmet. {0}",
				"Databasen er laga av ein nyare varde. Oppdater programmet. {0}",
				"The database was made by a newer varde. Update the program. {0}"},
	[VD_T_FILE_OPEN] = {"Kan ikke åpne filen {0}: {1}.", "Kan ikkje opne fila {0}: {1}.",
			    "Cannot open the file {0}: {1}."},
	[VD_T_FILE_READ] = {"Kan ikke lese filen {0}: {1}.", "Kan ikkje lese fila {0}: {1}.",
			    "Cannot read the file {0}: {1}."},
	[VD_T_FILE_WRITE] = {"Kan ikke skrive filen {0}: {1}.", "Kan ikkje skrive fila {0}: {1}.",
			     "Cannot write the file {0}: {1}."},
	[VD_T_FILE_SAME] = {"--failed må være en annen fil enn den som leses.",
			    "--failed må vere ei anna fil enn den som blir lesen.",
			    "--failed must be another file than the one read."},
	[VD_T_NO_MEMORY] = {"Maskinen har ikke nok minne.", "Maskina har ikkje nok minne.",
			    "The machine is out of memory."},
	/* -- arguments -- */
	[VD_T_USE_OPTION] = {"Ukjent valg «{0}». Se «{1} --help».",
			     "Ukjent val «{0}». Sjå «{1} --help».",
			     "Unknown option \"{0}\". See \"{1} --help\"."},
	[VD_T_USE_VALUE] = {"Valget «{0}» mangler verdi.", "Valet «{0}» manglar verdi.",
			    "The option \"{0}\" lacks its value."},
	[VD_T_USE_BAD] = {"«{1}» passer ikke for {0}. Skriv {2}.",
			  "«{1}» passar ikkje for {0}. Skriv {2}.",
			  "\"{1}\" does not fit {0}. Write {2}."},
	[VD_T_USE_MISSING] = {"{0} mangler. Se «{1} --help».", "{0} manglar. Sjå «{1} --help».",
			      "{0} is missing. See \"{1} --help\"."},
	[VD_T_USE_EXTRA] = {"«{0}» er ett ord for mye. Se «{1} --help».",
			    "«{0}» er eitt ord for mykje. Sjå «{1} --help».",
			    "\"{0}\" is one word too many. See \"{1} --help\"."},
	[VD_T_USE_VERB] = {"Ukjent kommando «{0}». Se «{1} --help».",
			   "Ukjend kommando «{0}». Sjå «{1} --help».",
			   "Unknown command \"{0}\". See \"{1} --help\"."},
	[VD_T_USE_HEAD] = {"Bruk:", "Bruk:", "Usage:"},
	[VD_T_USE_COMMON] =
		{"Felles valg:\n"
		 "  --db FIL          databasen (ellers VARDE_DB, ellers /var/lib/varde/varde.db)\n"
		 "  --lang nb|nn|en   språket (ellers VARDE_LANG, ellers LANG, ellers nb)\n"
		 "  --municipality N  bare denne kommunen\n"
		 "  --staff BRUKER    hvem som gjør det (ellers kontoen på maskinen)\n"
		 "  --json            lister som JSON\n"
		 "Svar: 0 gjort · 1 avvist, se feilmeldingen · 64 feil i kommandoen · 65 filen kan "
		 "ikke leses · "
		 "66 filen mangler\n"
		 "      69 opptatt, prøv igjen · 70 feil i programmet · 74 disken svikter · 77 "
		 "ikke tilgang\n",
		 "Felles val:\n"
		 "  --db FIL          databasen (elles VARDE_DB, elles /var/lib/varde/varde.db)\n"
		 "  --lang nb|nn|en   språket (elles VARDE_LANG, elles LANG, elles nb)\n"
		 "  --municipality N  berre denne kommunen\n"
		 "  --staff BRUKAR    kven som gjer det (elles kontoen på maskina)\n"
		 "  --json            lister som JSON\n"
		 "Svar: 0 gjort · 1 avvist, sjå feilmeldinga · 64 feil i kommandoen · 65 fila kan "
		 "ikkje lesast · "
		 "66 fila manglar\n"
		 "      69 oppteken, prøv igjen · 70 feil i programmet · 74 disken sviktar · 77 "
		 "ikkje tilgang\n",
		 "Common options:\n"
		 "  --db FILE         the database (else VARDE_DB, else /var/lib/varde/varde.db)\n"
		 "  --lang nb|nn|en   the language (else VARDE_LANG, else LANG, else nb)\n"
		 "  --municipality N  this municipality only\n"
		 "  --staff USER      who does it (else the account on the machine)\n"
		 "  --json            lists as JSON\n"
		 "Exit: 0 done · 1 refused, see the message · 64 wrong command line · 65 the file "
		 "cannot be read "
		 "· 66 no such file\n"
		 "      69 busy, try again · 70 fault in the program · 74 the disk fails · 77 not "
		 "allowed\n"},
	/* -- columns, as they stand in a sentence -- */
	[VD_T_COL_GATEWAY] = {"gatewayen", "gatewayen", "the gateway"},
	[VD_T_COL_FAMILY] = {"familien", "familien", "the family"},
	[VD_T_COL_IDENTITY] = {"identiteten", "identiteten", "the identity"},
	[VD_T_COL_NAME] = {"navnet", "namnet", "the name"},
	[VD_T_COL_VENDOR] = {"leverandøren", "leverandøren", "the vendor"},
	[VD_T_COL_MODEL] = {"modellen", "modellen", "the model"},
	[VD_T_COL_SERIAL] = {"serienummeret", "serienummeret", "the serial number"},
	[VD_T_COL_RECIPIENT] = {"mottakeren", "mottakaren", "the recipient"},
	[VD_T_COL_ALSO] = {"medbeboeren", "medbebuaren", "who lives there too"},
	[VD_T_COL_ROOM] = {"rommet", "rommet", "the room"},
	[VD_T_COL_PURPOSE] = {"formålet", "føremålet", "the purpose"},
	[VD_T_COL_ALARM_BUTTON] = {"alarmknappen", "alarmknappen", "the alarm button"},
	[VD_T_COL_SUPERVISE] = {"overvåkingstiden", "overvakingstida", "the supervision time"},
	[VD_T_COL_ALARM_ON_OPEN] = {"alarm ved åpning", "alarm ved opning", "alarm on open"},
	[VD_T_COL_NIGHT] = {"natten", "natta", "the night"},
	[VD_T_COL_MUNI] = {"kommunen", "kommunen", "the municipality"},
	/* and as they are written in the header: the first alias of each language */
	[VD_T_HEAD_GATEWAY] = {"gateway", "gateway", "gateway"},
	[VD_T_HEAD_FAMILY] = {"familie", "familie", "family"},
	[VD_T_HEAD_IDENTITY] = {"identitet", "identitet", "identity"},
	[VD_T_HEAD_NAME] = {"navn", "namn", "name"},
	[VD_T_HEAD_VENDOR] = {"leverandør", "leverandør", "vendor"},
	[VD_T_HEAD_MODEL] = {"modell", "modell", "model"},
	[VD_T_HEAD_SERIAL] = {"serienummer", "serienummer", "serial"},
	[VD_T_HEAD_RECIPIENT] = {"mottaker", "mottakar", "recipient"},
	[VD_T_HEAD_ALSO] = {"medbeboer", "medbebuar", "also"},
	[VD_T_HEAD_ROOM] = {"rom", "rom", "room"},
	[VD_T_HEAD_PURPOSE] = {"formål", "føremål", "purpose"},
	[VD_T_HEAD_ALARM_BUTTON] = {"alarmknapp", "alarmknapp", "alarm_button"},
	[VD_T_HEAD_SUPERVISE] = {"overvåking_min", "overvaking_min", "supervise_min"},
	[VD_T_HEAD_ALARM_ON_OPEN] = {"alarm_ved_åpning", "alarm_ved_opning", "alarm_on_open"},
	[VD_T_HEAD_NIGHT] = {"natt", "natt", "night"},
	[VD_T_HEAD_MUNI] = {"kommune", "kommune", "municipality"},
	[VD_T_HEAD_REASON] = {"årsak", "årsak", "reason"},
	/* -- a row of the import: {0} = column in a sentence, {1} = the value -- */
	[VD_T_ROW] = {"Rad {0}: {1}", "Rad {0}: {1}", "Row {0}: {1}"},
	[VD_T_ROW_LENGTH] = {"{0} «{1}» har {2} tegn, skal ha {3}.",
			     "{0} «{1}» har {2} teikn, skal ha {3}.",
			     "{0} \"{1}\" has {2} characters, should have {3}."},
	[VD_T_ROW_LONG] = {"{0} «{1}» har {2} tegn, kan ha høyst {3}.",
			   "{0} «{1}» har {2} teikn, kan ha høgst {3}.",
			   "{0} \"{1}\" has {2} characters, may have {3} at most."},
	[VD_T_ROW_MISSING] = {"{0} mangler. Fyll ut kolonnen «{1}».",
			      "{0} manglar. Fyll ut kolonnen «{1}».",
			      "{0} is missing. Fill in the column \"{1}\"."},
	[VD_T_ROW_HEX] = {"{0} «{1}» skal bare ha sifrene 0–9 og bokstavene A–F.",
			  "{0} «{1}» skal berre ha sifra 0–9 og bokstavane A–F.",
			  "{0} \"{1}\" should have the digits 0–9 and the letters A–F only."},
	[VD_T_ROW_CONTROL] = {"{0} «{1}» har usynlige tegn. Skriv feltet på nytt.",
			      "{0} «{1}» har usynlege teikn. Skriv feltet på nytt.",
			      "{0} \"{1}\" has invisible characters. Type the field again."},
	[VD_T_ROW_FAMILY] = {"{0} «{1}» finnes ikke. Bruk en av: {2}.",
			     "{0} «{1}» finst ikkje. Bruk ein av: {2}.",
			     "{0} \"{1}\" does not exist. Use one of: {2}."},
	[VD_T_ROW_NUMBER] = {"{0} «{1}» er ikke et tall mellom {2} og {3}.",
			     "{0} «{1}» er ikkje eit tal mellom {2} og {3}.",
			     "{0} \"{1}\" is not a number between {2} and {3}."},
	[VD_T_ROW_ALSO] = {"{0} «{1}» skal være opptil {2} mottakernumre med komma mellom, eller - "
			   "for ingen.",
			   "{0} «{1}» skal vere opptil {2} mottakarnummer med komma mellom, eller "
			   "- for ingen.",
			   "{0} \"{1}\" should be at most {2} recipients' numbers with commas "
			   "between, or - for nobody."},
	[VD_T_ROW_YESNO] = {"{0} «{1}» skal være ja eller nei.",
			    "{0} «{1}» skal vere ja eller nei.",
			    "{0} \"{1}\" should be yes or no."},
	[VD_T_ROW_NIGHT] = {"{0} «{1}» skal skrives som 22:00-07:00.",
			    "{0} «{1}» skal skrivast som 22:00-07:00.",
			    "{0} \"{1}\" should be written as 22:00-07:00."},
	[VD_T_ROW_MUNI] = {"{0} «{1}» er ikke den du arbeider for ({2}).",
			   "{0} «{1}» er ikkje den du arbeider for ({2}).",
			   "{0} \"{1}\" is not the one you work for ({2})."},
	[VD_T_ROW_FIELDS] =
		{"raden har {0} felt, overskriften har {1}. Sjekk skilletegn og anførselstegn.",
		 "rada har {0} felt, overskrifta har {1}. Sjekk skiljeteikn og hermeteikn.",
		 "the row has {0} fields, the header has {1}. Check separators and quotes."},
	[VD_T_ROW_QUOTE] = {"et anførselstegn mangler eller står feil. Rett det; radene under kan "
			    "ha blitt lest som en del av denne.",
			    "eit hermeteikn manglar eller står feil. Rett det; radene under kan ha "
			    "vorte lesne som ein del av denne.",
			    "a quote is missing or misplaced. Correct it; the rows below may have "
			    "been read as part of this one."},
	[VD_T_ROW_TOO_LONG] =
		{"raden er lengre enn {0} byte. Se etter et anførselstegn som mangler.",
		 "rada er lengre enn {0} byte. Sjå etter eit hermeteikn som manglar.",
		 "the row is longer than {0} bytes. Look for a missing quote."},
	[VD_T_ROW_UTF8] = {"teksten er ikke UTF-8. Lagre som «CSV UTF-8» i regnearket.",
			   "teksten er ikkje UTF-8. Lagre som «CSV UTF-8» i reknearket.",
			   "the text is not UTF-8. Save as \"CSV UTF-8\" in the spreadsheet."},
	/* -- the import as a whole -- */
	[VD_T_IMP_NOTICE_COLUMN] = {"Kolonnen «{0}» kjenner vi ikke; den er ikke brukt.",
				    "Kolonnen «{0}» kjenner vi ikkje; han er ikkje brukt.",
				    "We do not know the column \"{0}\"; it is not used."},
	[VD_T_IMP_NO_HEADER] =
		{"Filen har ingen overskriftsrad. Første rad skal ha kolonnenavnene, for eksempel: "
		 "{0}",
		 "Fila har inga overskriftsrad. Første rad skal ha kolonnenamna, til dømes: {0}",
		 "The file has no header row. The first row should have the column names, for "
		 "example: {0}"},
	[VD_T_IMP_NO_COLUMN] =
		{"Kolonnen «{0}» mangler i overskriften. Legg den til, eller oppgi {1}.",
		 "Kolonnen «{0}» manglar i overskrifta. Legg han til, eller oppgi {1}.",
		 "The column \"{0}\" is missing in the header. Add it, or give {1}."},
	[VD_T_IMP_NO_KEY] = {"Overskriften må ha kolonnen «{0}» eller «{1}».",
			     "Overskrifta må ha kolonnen «{0}» eller «{1}».",
			     "The header must have the column \"{0}\" or \"{1}\"."},
	[VD_T_IMP_TWICE] = {"Kolonnen «{0}» står to ganger i overskriften.",
			    "Kolonnen «{0}» står to gonger i overskrifta.",
			    "The column \"{0}\" stands twice in the header."},
	[VD_T_IMP_HEADER_BAD] = {"Overskriftsraden kan ikke leses: {0}",
				 "Overskriftsrada kan ikkje lesast: {0}",
				 "The header row cannot be read: {0}"},
	[VD_T_IMP_NOT_TEXT] =
		{"Filen er ikke en CSV-fil i UTF-8. Lagre som «CSV UTF-8» i regnearket.",
		 "Fila er ikkje ei CSV-fil i UTF-8. Lagre som «CSV UTF-8» i reknearket.",
		 "The file is not a CSV file in UTF-8. Save as \"CSV UTF-8\" in the spreadsheet."},
	[VD_T_IMP_TOO_MANY] =
		{"Filen har mer enn {0} rader. De første {0} er lest; del opp filen og les resten.",
		 "Fila har meir enn {0} rader. Dei første {0} er lesne; del opp fila og les "
		 "resten.",
		 "The file has more than {0} rows. The first {0} were read; split the file and "
		 "read the rest."},
	[VD_T_IMP_STOPPED] =
		{"Stoppet ved rad {0}. Les samme fil igjen: det som er gjort, blir stående som "
		 "uendret.",
		 "Stoppa ved rad {0}. Les same fila igjen: det som er gjort, blir ståande som "
		 "uendra.",
		 "Stopped at row {0}. Read the same file again: what is done stays, as unchanged."},
	[VD_T_IMP_NEW] = {"ny: {0} på {1}", "ny: {0} på {1}", "new: {0} on {1}"},
	[VD_T_IMP_CHANGED] = {"endret: {0} på {1}", "endra: {0} på {1}", "changed: {0} on {1}"},
	[VD_T_IMP_AT] = {", hos mottaker {0}", ", hos mottakar {0}", ", with recipient {0}"},
	[VD_T_IMP_SUM] = {"{0} rader lest: {1} nye, {2} uendret.",
			  "{0} rader lesne: {1} nye, {2} uendra.",
			  "{0} rows read: {1} new, {2} unchanged."},
	[VD_T_IMP_SUM_CHANGED] = {"{0} rader lest: {1} nye, {3} endret, {2} uendret.",
				  "{0} rader lesne: {1} nye, {3} endra, {2} uendra.",
				  "{0} rows read: {1} new, {3} changed, {2} unchanged."},
	[VD_T_IMP_SUM_FAILED] = {"{0} rader lest: {1} nye, {2} uendret, {4} avvist.",
				 "{0} rader lesne: {1} nye, {2} uendra, {4} avviste.",
				 "{0} rows read: {1} new, {2} unchanged, {4} refused."},
	[VD_T_IMP_SUM_BOTH] = {"{0} rader lest: {1} nye, {3} endret, {2} uendret, {4} avvist.",
			       "{0} rader lesne: {1} nye, {3} endra, {2} uendra, {4} avviste.",
			       "{0} rows read: {1} new, {3} changed, {2} unchanged, {4} refused."},
	[VD_T_IMP_DRY] = {"Prøvekjøring, ingenting er lagret.", "Prøvekøyring, ingenting er lagra.",
			  "Dry run, nothing is stored."},
	[VD_T_IMP_FAILED_FILE] =
		{"De avviste radene ligger i {0}, med årsak. Rett dem og les den filen.",
		 "Dei avviste radene ligg i {0}, med årsak. Rett dei og les den fila.",
		 "The refused rows are in {0}, with reasons. Correct them and read that file."},
	[VD_T_IMP_BUTTONS] =
		{"Plasserte enheter som ikke er merket som alarmknapp, så et trykk på dem varsler "
		 "ingen: {0} ({1}). Skriv ja i kolonnen «{2}» der trykket skal være en alarm, og "
		 "les filen igjen.",
		 "Plasserte einingar som ikkje er merkte som alarmknapp, så eit trykk på dei "
		 "varslar ingen: {0} ({1}). Skriv ja i kolonnen «{2}» der trykket skal vere ein "
		 "alarm, og les fila igjen.",
		 "Placed devices that are not marked as alarm buttons, so that a press on them "
		 "calls nobody: {0} ({1}). Write yes in the column \"{2}\" where a press should "
		 "be an alarm, and read the file again."},
	/* -- devices -- */
	[VD_T_LIFE_HEARD] = {"venter", "ventar", "waiting"},
	[VD_T_LIFE_STOCK] = {"på lager", "på lager", "in stock"},
	[VD_T_LIFE_READY] = {"klar", "klar", "ready"},
	[VD_T_LIFE_TEST] = {"på prøve", "på prøve", "on test"},
	[VD_T_LIFE_IN_USE] = {"i drift", "i drift", "in use"},
	[VD_T_LIFE_OUT_OF_SERVICE] = {"ute av drift", "ute av drift", "out of service"},
	[VD_T_LIFE_RETURNED] = {"returnert", "returnert", "returned"},
	[VD_T_LIFE_SCRAPPED] = {"kassert", "kassert", "scrapped"},
	[VD_T_LIFE_SILENT] = {"uten kontakt", "utan kontakt", "not heard from"},
	[VD_T_DEV_ADDED] = {"Enhet {0} er registrert: {1} på {2}.",
			    "Eining {0} er registrert: {1} på {2}.",
			    "Device {0} is registered: {1} on {2}."},
	[VD_T_DEV_UPDATED] = {"Enhet {0} er oppdatert: {1} på {2}.",
			      "Eining {0} er oppdatert: {1} på {2}.",
			      "Device {0} is brought up to date: {1} on {2}."},
	[VD_T_DEV_SAME] = {"Enhet {0} er uendret: {1} på {2}.", "Eining {0} er uendra: {1} på {2}.",
			   "Device {0} is unchanged: {1} on {2}."},
	[VD_T_DEV_PLACED] = {"Enhet {0} står hos mottaker {1}: {2}.",
			     "Eining {0} står hos mottakar {1}: {2}.",
			     "Device {0} is with recipient {1}: {2}."},
	[VD_T_DEV_BUTTON] =
		{"Enhet {0} er ikke merket som alarmknapp: et vanlig trykk på den varsler ingen. "
		 "Skal trykket være en alarm, skriv «varde device place {0} --recipient {1} "
		 "--room \"{2}\" --purpose {3} --alarm-button».",
		 "Eining {0} er ikkje merkt som alarmknapp: eit vanleg trykk på henne varslar "
		 "ingen. Skal trykket vere ein alarm, skriv «varde device place {0} --recipient "
		 "{1} --room \"{2}\" --purpose {3} --alarm-button».",
		 "Device {0} is not marked as an alarm button: a plain press on it calls nobody. "
		 "If "
		 "the press should be an alarm, write 'varde device place {0} --recipient {1} "
		 "--room \"{2}\" --purpose {3} --alarm-button'."},
	[VD_T_DEV_NEVER_HEARD] = {"Vi har ikke hørt fra enheten ennå. Den er ikke i drift før en "
				  "prøvealarm har kommet fram: «varde device test {0}».",
				  "Vi har ikkje høyrt frå eininga enno. Ho er ikkje i drift før "
				  "ein prøvealarm har kome fram: «varde device test {0}».",
				  "We have not heard from the device yet. It is not in service "
				  "until a test alarm has arrived: \"varde device test {0}\"."},
	[VD_T_DEV_TEST] = {"Enhet {0} er på prøve til {1}. Alarmer fra den varsler ingen før da. "
			   "Trykk på knappen nå.",
			   "Eining {0} er på prøve til {1}. Alarmar frå henne varslar ingen før "
			   "då. Trykk på knappen no.",
			   "Device {0} is on test until {1}. Its alarms call nobody before then. "
			   "Press the button now."},
	[VD_T_DEV_TEST_ENDED] = {"Enhet {0} er ikke på prøve. Alarmer fra den varsler vakten.",
				 "Eining {0} er ikkje på prøve. Alarmar frå henne varslar vakta.",
				 "Device {0} is not on test. Its alarms call those on duty."},
	[VD_T_CMD_VERB] = {"«{0}» er ingen kommando. De som finnes: {1}.",
			   "«{0}» er ingen kommando. Dei som finst: {1}.",
			   "\"{0}\" is no command. There are: {1}."},
	[VD_T_CMD_DOOR] =
		{"Dører låses ikke opp eller igjen herfra: det gjør den som har alarmen, i "
		 "konsollen, med navn og grunn.",
		 "Dører blir ikkje låste opp eller att herifrå: det gjer den som har "
		 "alarmen, i konsollen, med namn og grunn.",
		 "Doors are not unlocked or locked from here: whoever has the alarm does "
		 "that, in the console, by name and with a reason."},
	[VD_T_CMD_MINUTES] = {"«interval» trenger --minutes, fra 1 til 1440.",
			      "«interval» treng --minutes, frå 1 til 1440.",
			      "\"interval\" needs --minutes, from 1 to 1440."},
	[VD_T_CMD_NOT_TAKEN] = {"Huben tok ikke imot kommandoen, og den er trukket tilbake. Kjører "
				"«varde serve»?",
				"Huben tok ikkje imot kommandoen, og han er trekt tilbake. Køyrer "
				"«varde serve»?",
				"The hub did not take the command, and it has been withdrawn. Is "
				"\"varde serve\" running?"},
	[VD_T_CMD_WAITS] =
		{"Venter: {0} til enhet {1} er ikke sendt ennå ({2}). Huben prøver igjen.",
		 "Ventar: {0} til eining {1} er ikkje sendt enno ({2}). Huben prøver att.",
		 "Waiting: {0} to device {1} has not been sent yet ({2}). The hub tries "
		 "again."},
	[VD_T_CMD_SENT] = {"Sendt: {0} til enhet {1}. Ingen har svart.",
			   "Sendt: {0} til eining {1}. Ingen har svart.",
			   "Sent: {0} to device {1}. Nobody has answered."},
	[VD_T_CMD_ACCEPTED] = {"Tatt imot: {0} til enhet {1} er hos sentralen eller plattformen.",
			       "Teke imot: {0} til eining {1} er hos sentralen eller plattforma.",
			       "Accepted: {0} to device {1} is with its gateway or platform."},
	[VD_T_CMD_DONE] = {"Utført: {0}, sier enhet {1} selv.",
			   "Utført: {0}, seier eining {1} sjølv.",
			   "Done: {0}, device {1} itself says so."},
	[VD_T_CMD_FAILED] = {"Ikke utført: {0} til enhet {1} ({2}). Ordet er forklart i "
			     "docs/commands.md.",
			     "Ikkje utført: {0} til eining {1} ({2}). Ordet er forklart i "
			     "docs/commands.md.",
			     "Not done: {0} to device {1} ({2}). The word is explained in "
			     "docs/commands.md."},
	[VD_T_CMD_EXPIRED] = {"Tiden løp ut: {0} til enhet {1} ({2}).",
			      "Tida rann ut: {0} til eining {1} ({2}).",
			      "Out of time: {0} to device {1} ({2})."},
	[VD_T_SWAP_OUT] = {"Ut", "Ut", "Out"},
	[VD_T_SWAP_IN] = {"Inn", "Inn", "In"},
	[VD_T_SWAP_DONE] = {"Byttet. {0} har overtatt plasseringen med historikk og regler. Prøv "
			    "den: «varde device test {1}».",
			    "Bytt. {0} har overteke plasseringa med historikk og reglar. Prøv "
			    "henne: «varde device test {1}».",
			    "Swapped. {0} has taken over the placement with its history and rules. "
			    "Test it: \"varde device test {1}\"."},
	[VD_T_RET_TITLE] = {"KVITTERING FOR RETUR", "KVITTERING FOR RETUR", "RECEIPT OF RETURN"},
	[VD_T_RET_DEVICE] = {"Enhet", "Eining", "Device"},
	[VD_T_RET_SERIAL] = {"Serienummer", "Serienummer", "Serial number"},
	[VD_T_RET_IDENTITY] = {"Identitet", "Identitet", "Identity"},
	[VD_T_RET_MUNI] = {"Kommune", "Kommune", "Municipality"},
	[VD_T_RET_AT] = {"Returnert", "Returnert", "Returned"},
	[VD_T_RET_BY] = {"Av", "Av", "By"},
	[VD_T_RET_UNLINKED] = {"Koblingen til mottakeren er slettet. Hendelser følger plasseringen "
			       "og slettes etter kommunens frist.",
			       "Koplinga til mottakaren er sletta. Hendingar følgjer plasseringa "
			       "og blir sletta etter fristen til kommunen.",
			       "The link to the recipient is deleted. Events belong to the "
			       "placement and are deleted when the municipality's term is up."},
	[VD_T_RET_NO_LINK] = {"Enheten sto ikke hos noen.", "Eininga stod ikkje hos nokon.",
			      "The device was with nobody."},
	[VD_T_RET_ALREADY] = {"Enhet {0} er returnert fra før.", "Eining {0} er returnert frå før.",
			      "Device {0} was returned before."},
	[VD_T_LIST_EMPTY] = {"Ingen.", "Ingen.", "None."},
	[VD_T_LIST_WAITING_HINT] = {"Disse har meldt seg, men er ikke registrert. Ta en i bruk med "
				    "«varde device place NUMMER --recipient …».",
				    "Desse har meldt seg, men er ikkje registrerte. Ta ei i bruk "
				    "med «varde device place NUMMER --recipient …».",
				    "These have been heard, but are not registered. Take one into "
				    "use with \"varde device place NUMBER --recipient …\"."},
	[VD_T_LIST_UNKNOWN_HINT] =
		{"Noen enheter sender felt som ingen forstår. Hvilke, og hva "
		 "du gjør med dem: «varde device show NUMMER».",
		 "Nokre einingar sender felt som ingen forstår. Kva for nokre, og "
		 "kva du gjer med dei: «varde device show NUMMER».",
		 "Some devices send fields nobody understands. Which, and what to "
		 "do about them: \"varde device show NUMBER\"."},
	[VD_T_BUTTON_UNMARKED] = {"nei, trykk varsler ingen", "nei, trykk varslar ingen",
				  "no, a press calls nobody"},
	[VD_T_UNKNOWN_TITLE] = {"Felt ingen forstår", "Felt ingen forstår",
				"Fields nobody understands"},
	[VD_T_UNKNOWN_WHAT] =
		{"Ingen tabell sier hva disse feltene betyr, så de er talt og ikke brukt. Legg "
		 "radene under i en egen tabell, og sett inn for KIND, STATE, UNIT og WORD: "
		 "ordene står i docs/vocabulary.md, KIND «-» betyr uten interesse. Prøv tabellen "
		 "med «varde decode --models FIL», og oppgi den i oppsettet (adapters: models:).",
		 "Ingen tabell seier kva desse felta tyder, så dei er talde og ikkje brukte. Legg "
		 "radene under i ein eigen tabell, og set inn for KIND, STATE, UNIT og WORD: orda "
		 "står i docs/vocabulary.md, KIND «-» tyder utan interesse. Prøv tabellen med "
		 "«varde decode --models FIL», og oppgi han i oppsettet (adapters: models:).",
		 "No table says what these fields mean, so they are counted and not used. Put the "
		 "rows below into a table of your own, and fill in KIND, STATE, UNIT and WORD: the "
		 "words are in docs/vocabulary.md, KIND \"-\" means of no interest. Try it with "
		 "\"varde decode --models FILE\", and name it in the configuration (adapters: "
		 "models:)."},
	[VD_T_UNKNOWN_NO_ROW] =
		{"Feltet «{0}» kan ikke leses med en rad. Meld modell og feltnavn til dem som "
		 "vedlikeholder varde.",
		 "Feltet «{0}» kan ikkje lesast med ei rad. Meld modell og feltnamn til dei som "
		 "held varde ved like.",
		 "The field \"{0}\" cannot be read by a row. Tell those who maintain varde the "
		 "model and the field's name."},
	[VD_T_UNKNOWN_OTHERS] = {"(flere, uten navn)", "(fleire, utan namn)", "(more, unnamed)"},
	[VD_T_TYPE_BOOL] = {"true/false", "true/false", "true/false"},
	[VD_T_TYPE_NUMBER] = {"tall", "tal", "number"},
	[VD_T_TYPE_TEXT] = {"tekst", "tekst", "text"},
	[VD_T_TYPE_OBJECT] = {"objekt", "objekt", "object"},
	[VD_T_TYPE_LIST] = {"liste", "liste", "list"},
	[VD_T_NEVER] = {"aldri", "aldri", "never"},
	[VD_T_YES] = {"ja", "ja", "yes"},
	[VD_T_NO] = {"nei", "nei", "no"},
	[VD_T_ALWAYS] = {"alltid", "alltid", "always"},
	[VD_T_H_ID] = {"Nummer", "Nummer", "Number"},
	[VD_T_H_MUNI] = {"Kommune", "Kommune", "Municipality"},
	[VD_T_H_GATEWAY] = {"Gateway", "Gateway", "Gateway"},
	[VD_T_H_FAMILY] = {"Familie", "Familie", "Family"},
	[VD_T_H_IDENTITY] = {"Identitet", "Identitet", "Identity"},
	[VD_T_H_SERIAL] = {"Serienummer", "Serienummer", "Serial"},
	[VD_T_H_MODEL] = {"Modell", "Modell", "Model"},
	[VD_T_H_NAME] = {"Navn", "Namn", "Name"},
	[VD_T_H_STATE] = {"Tilstand", "Tilstand", "State"},
	[VD_T_H_RECIPIENT] = {"Mottaker", "Mottakar", "Recipient"},
	[VD_T_H_ALSO] = {"Bor der også", "Bur der òg", "Lives there too"},
	[VD_T_H_PLACE] = {"Sted", "Stad", "Place"},
	[VD_T_H_HEARD] = {"Sist hørt", "Sist høyrt", "Last heard"},
	[VD_T_H_FIRST_HEARD] = {"Først hørt", "Først høyrt", "First heard"},
	[VD_T_H_FEATURES] = {"Kan melde", "Kan melde", "Can report"},
	[VD_T_H_BATTERY] = {"Batteri", "Batteri", "Battery"},
	[VD_T_H_LINK] = {"Signal", "Signal", "Link"},
	[VD_T_H_SUPERVISE] = {"Overvåkes, min", "Blir overvaka, min", "Supervised, min"},
	[VD_T_H_BUTTON] = {"Alarmknapp", "Alarmknapp", "Alarm button"},
	[VD_T_H_OPEN] = {"Alarm ved åpning", "Alarm ved opning", "Alarm on open"},
	[VD_T_H_UNKNOWN] = {"Ukjente felt", "Ukjende felt", "Unknown fields"},
	[VD_T_H_FIELD] = {"Felt", "Felt", "Field"},
	[VD_T_H_VALUE] = {"Verdi", "Verdi", "Value"},
	[VD_T_H_TIMES] = {"Ganger", "Gonger", "Times"},
	[VD_T_H_SINCE] = {"Siden", "Sidan", "Since"},
	[VD_T_H_LAST] = {"Sist", "Sist", "Last"},
	[VD_T_H_RHYTHM] = {"Høres hver", "Blir høyrd kvar", "Heard every"},
	[VD_T_H_LIMIT] = {"Savnes etter", "Blir sakna etter", "Silent after"},
	[VD_T_H_TESTED] = {"Sist prøvd", "Sist prøvd", "Last tested"},
	[VD_T_LIMIT_CLASS] = {"vanlig for slike enheter, til rytmen er kjent",
			      "vanleg for slike einingar, til rytmen er kjend",
			      "usual for such devices, until its rhythm is known"},
	[VD_T_LIMIT_LEARNED] = {"lært av enhetens egen rytme", "lært av rytmen til eininga",
				"learned from its own rhythm"},
	[VD_T_LIMIT_STATED] = {"enheten lover selv hvor ofte den melder seg",
			       "eininga lovar sjølv kor ofte ho melder seg",
			       "the device promises how often it reports"},
	[VD_T_LIMIT_INSTALLER] = {"bestemt av montøren", "bestemt av montøren",
				  "set by the installer"},
	[VD_T_H_HISTORY] = {"Historikk", "Historikk", "History"},
	[VD_T_H_LANGUAGE] = {"Språk", "Språk", "Language"},
	[VD_T_H_USER] = {"Bruker", "Brukar", "User"},
	[VD_T_H_ROLES] = {"Roller", "Roller", "Roles"},
	[VD_T_H_PHONE] = {"Telefon", "Telefon", "Phone"},
	[VD_T_H_ADDRESS] = {"Adresse", "Adresse", "Address"},
	[VD_T_H_SCOPE] = {"Tilgang", "Tilgang", "Access"},
	[VD_T_H_SIGN_IN] = {"Innlogging", "Innlogging", "Sign-in"},
	[VD_T_H_FROM] = {"Fra", "Frå", "From"},
	[VD_T_H_TO] = {"Til", "Til", "To"},
	[VD_T_H_LEVEL] = {"Rekke", "Rekkje", "Level"},
	[VD_T_H_DEVICES] = {"Enheter", "Einingar", "Devices"},
	[VD_T_H_GATEWAYS] = {"Gatewayer", "Gatewayar", "Gateways"},
	[VD_T_H_RECIPIENTS] = {"Mottakere", "Mottakarar", "Recipients"},
	[VD_T_H_PREFIX] = {"Prefiks", "Prefiks", "Prefix"},
	[VD_T_H_BINDINGS] = {"Familier", "Familiar", "Families"},
	[VD_T_HIST_REGISTERED] = {"registrert", "registrert", "registered"},
	[VD_T_HIST_CHANGED] = {"endret", "endra", "changed"},
	[VD_T_HIST_RULES] = {"regler endret", "reglar endra", "rules changed"},
	[VD_T_HIST_PLACED] = {"plassert", "plassert", "placed"},
	[VD_T_HIST_MOVED] = {"flyttet", "flytta", "moved"},
	[VD_T_HIST_SWAPPED_IN] = {"byttet inn", "bytt inn", "swapped in"},
	[VD_T_HIST_SWAPPED_OUT] = {"byttet ut", "bytt ut", "swapped out"},
	[VD_T_HIST_RETURNED] = {"returnert", "returnert", "returned"},
	[VD_T_HIST_TEST] = {"satt på prøve", "sett på prøve", "put on test"},
	[VD_T_HIST_TEST_ENDED] = {"prøve avsluttet", "prøve avslutta", "test ended"},
	/* -- staff and gateways -- */
	[VD_T_ST_ADDED] = {"Brukeren «{0}» er lagt til (nummer {1}).",
			   "Brukaren «{0}» er lagd til (nummer {1}).",
			   "The user \"{0}\" is added (number {1})."},
	[VD_T_ST_NO_PASSWORD] =
		{"Uten passord kan ingen logge inn med den: «varde staff password {0}».",
		 "Utan passord kan ingen logge inn med han: «varde staff password {0}».",
		 "Without a password nobody can sign in with it: \"varde staff password {0}\"."},
	[VD_T_ST_SCOPE] = {"Brukeren «{0}» har tilgang til: {1}.",
			   "Brukaren «{0}» har tilgang til: {1}.",
			   "The user \"{0}\" may see: {1}."},
	[VD_T_ST_SCOPE_FULL] = {"En bruker kan ha tilgang til høyst 15 kommuner.",
				"Ein brukar kan ha tilgang til høgst 15 kommunar.",
				"A user may see 15 municipalities at most."},
	[VD_T_ST_PASSWORD] = {"Passordet til «{0}» er satt.", "Passordet til «{0}» er sett.",
			      "The password of \"{0}\" is set."},
	[VD_T_ST_DISABLED] = {"Brukeren «{0}» er sperret.", "Brukaren «{0}» er sperra.",
			      "The user \"{0}\" is disabled."},
	[VD_T_ST_ENABLED] = {"Brukeren «{0}» er åpnet.", "Brukaren «{0}» er opna.",
			     "The user \"{0}\" is enabled."},
	[VD_T_PW_SHORT] = {"Passordet har {0} tegn, skal ha minst {1}.",
			   "Passordet har {0} teikn, skal ha minst {1}.",
			   "The password has {0} characters, should have {1} at least."},
	[VD_T_PW_LONG] = {"Passordet er lengre enn {0} byte.", "Passordet er lengre enn {0} byte.",
			  "The password is longer than {0} bytes."},
	[VD_T_PW_TEXT] = {"Passordet må være lesbar tekst på én linje.",
			  "Passordet må vere lesbar tekst på éi linje.",
			  "The password must be readable text on one line."},
	[VD_T_PW_ASK] = {"Nytt passord: ", "Nytt passord: ", "New password: "},
	[VD_T_PW_FAILED] = {"Passordet kunne ikke beregnes: {0}.",
			    "Passordet kunne ikkje reknast ut: {0}.",
			    "The password could not be hashed: {0}."},
	[VD_T_SHIFT_ADDED] = {"Vakt {0}: «{1}» fra {2} til {3}.",
			      "Vakt {0}: «{1}» frå {2} til {3}.",
			      "Shift {0}: \"{1}\" from {2} to {3}."},
	[VD_T_SHIFT_SAME] = {"Vakten finnes fra før.", "Vakta finst frå før.",
			     "The shift is there already."},
	[VD_T_GW_ADDED] = {"Gatewayen «{0}» er lagt til.", "Gatewayen «{0}» er lagd til.",
			   "The gateway \"{0}\" is added."},
	[VD_T_GW_BOUND] = {"Gatewayen «{0}» leses som {1}, prefiks «{2}».",
			   "Gatewayen «{0}» blir lesen som {1}, prefiks «{2}».",
			   "The gateway \"{0}\" is read as {1}, prefix \"{2}\"."},
	[VD_T_GW_CONFIG] = {"Familien {0} tar ikke imot oppsettet «{1}». Se hva den kan, i "
			    "adapters/{0}/README.md.",
			    "Familien {0} tek ikkje imot oppsettet «{1}». Sjå kva ho kan, i "
			    "adapters/{0}/README.md.",
			    "The family {0} does not take the configuration \"{1}\". See what it "
			    "can in adapters/{0}/README.md."},
	[VD_T_GW_SECRET_ONCE] =
		{"Hemmeligheten vises bare denne ene gangen. Legg den inn i gatewayen nå.",
		 "Løyndomen blir vist berre denne eine gongen. Legg han inn i gatewayen no.",
		 "The secret is shown this once only. Put it into the gateway now."},
	[VD_T_GW_REVOKED] = {"Gatewayen «{0}» er trukket tilbake.",
			     "Gatewayen «{0}» er trekt tilbake.",
			     "The gateway \"{0}\" is revoked."},
	[VD_T_GW_REVOKED_SAME] = {"Gatewayen «{0}» var trukket tilbake.",
				  "Gatewayen «{0}» var trekt tilbake.",
				  "The gateway \"{0}\" was revoked before."},
	[VD_T_GW_STATE_REVOKED] = {"trukket tilbake", "trekt tilbake", "revoked"},
	[VD_T_GW_STATE_OPEN] = {"i bruk", "i bruk", "in use"},
	[VD_T_GW_NO_ENTROPY] = {"Maskinen ga ikke tilfeldige tall. Prøv igjen.",
				"Maskina gav ikkje tilfeldige tal. Prøv igjen.",
				"The machine gave no random numbers. Try again."},
	[VD_T_MUNI_SET] = {"Tidene for kommune {0} er endret.", "Tidene for kommune {0} er endra.",
			   "The times of municipality {0} are changed."},
	[VD_T_MUNI_SAME] = {"Tidene for kommune {0} er uendret.",
			    "Tidene for kommune {0} er uendra.",
			    "The times of municipality {0} are unchanged."},
	[VD_T_MUNI_ADDED] = {"Kommune {0} {1} er lagt til.", "Kommune {0} {1} er lagd til.",
			     "Municipality {0} {1} is added."},
	[VD_T_REC_ADDED] = {"Mottaker {0} er lagt til.", "Mottakar {0} er lagd til.",
			    "Recipient {0} is added."},
	[VD_T_BLOCKED] = {"sperret", "sperra", "disabled"},
	[VD_T_OPEN] = {"åpen", "open", "open"},
	[VD_T_NO_PASSWORD] = {"uten passord", "utan passord", "no password"},
	/* -- one line per command, for --help -- */
	[VD_T_HELP_DEV_ADD] = {"registrer en enhet, og plasser den når --recipient er med",
			       "registrer ei eining, og plasser henne når --recipient er med",
			       "register a device, and place it when --recipient is given"},
	[VD_T_HELP_DEV_IMPORT] =
		{"les enheter fra en CSV-fil; samme fil to ganger endrer ingenting",
		 "les einingar frå ei CSV-fil; same fila to gonger endrar ingenting",
		 "read devices from a CSV file; the same file twice changes nothing"},
	[VD_T_HELP_DEV_PLACE] = {"sett en enhet hos en mottaker", "set ei eining hos ein mottakar",
				 "put a device with a recipient"},
	[VD_T_HELP_DEV_SWAP] = {"en ny enhet overtar plasseringen",
				"ei ny eining tek over plasseringa",
				"a new device takes over the placement"},
	[VD_T_HELP_DEV_RETURN] = {"ta enheten fra mottakeren; skriver kvittering",
				  "ta eininga frå mottakaren; skriv kvittering",
				  "take the device from the recipient; prints a receipt"},
	[VD_T_HELP_DEV_LIST] = {"vis enheter", "vis einingar", "list devices"},
	[VD_T_HELP_DEV_TEST] = {"sett en enhet på prøve (15 minutter); 0 avslutter",
				"set ei eining på prøve (15 minutt); 0 avsluttar",
				"put a device on test (15 minutes); 0 ends it"},
	[VD_T_HELP_DEV_SHOW] = {"vis en enhet med historikk", "vis ei eining med historikk",
				"show a device and its history"},
	[VD_T_HELP_DEV_COMMAND] = {"be enheten om noe: confirm, cancel, locate, ring, interval",
				   "be eininga om noko: confirm, cancel, locate, ring, interval",
				   "ask the device for something: confirm, cancel, locate, ring, "
				   "interval"},
	[VD_T_HELP_ST_ADD] = {"legg til en ansatt; passordet leses fra fil eller stdin",
			      "legg til ein tilsett; passordet blir lese frå fil eller stdin",
			      "add a member of staff; the password is read from a file or stdin"},
	[VD_T_HELP_ST_LIST] = {"vis ansatte", "vis tilsette", "list staff"},
	[VD_T_HELP_ST_SCOPE] = {"hvilke kommuner en ansatt har tilgang til",
				"kva kommunar ein tilsett har tilgang til",
				"which municipalities a member of staff may see"},
	[VD_T_HELP_ST_PASSWORD] = {"nytt passord, fra fil eller stdin",
				   "nytt passord, frå fil eller stdin",
				   "new password, from a file or stdin"},
	[VD_T_HELP_ST_DISABLE] = {"steng ute en ansatt", "steng ute ein tilsett",
				  "shut a member of staff out"},
	[VD_T_HELP_ST_ENABLE] = {"slipp inn igjen", "slepp inn igjen", "let in again"},
	[VD_T_HELP_SHIFT_ADD] = {"sett opp en vakt; tider i norsk tid",
				 "set opp ei vakt; tider i norsk tid",
				 "add a shift; times are Norwegian time"},
	[VD_T_HELP_SHIFT_LIST] = {"vis vakter som ikke er over", "vis vakter som ikkje er over",
				  "list shifts that are not over"},
	[VD_T_HELP_GW_ADD] = {"legg til en gateway; hemmeligheten vises én gang",
			      "legg til ein gateway; løyndomen blir vist éin gong",
			      "add a gateway; its secret is shown once"},
	[VD_T_HELP_GW_LIST] = {"vis gatewayer", "vis gatewayar", "list gateways"},
	[VD_T_HELP_GW_BIND] = {"en familie til på samme gateway",
			       "ein familie til på same gatewayen",
			       "another family on the same gateway"},
	[VD_T_HELP_GW_SECRET] = {"ny hemmelighet; den gamle virker ikke mer",
				 "ny løyndom; den gamle verkar ikkje meir",
				 "a new secret; the old one works no more"},
	[VD_T_HELP_GW_REVOKE] = {"trekk en gateway tilbake", "trekk ein gateway tilbake",
				 "revoke a gateway"},
	[VD_T_HELP_MUNI_ADD] = {"legg til en kommune", "legg til ein kommune",
				"add a municipality"},
	[VD_T_HELP_MUNI_SET] =
		{"hvor lenge en alarm venter før den går videre; sekunder, minutter og timer",
		 "kor lenge ein alarm ventar før han går vidare; sekund, minutt og timar",
		 "how long an alarm waits before it goes on; seconds, minutes and hours"},
	[VD_T_HELP_MUNI_LIST] = {"vis kommuner", "vis kommunar", "list municipalities"},
	[VD_T_HELP_REC_ADD] = {"legg til en mottaker; fødselsnummer leses fra fil eller stdin",
			       "legg til ein mottakar; fødselsnummer blir lese frå fil eller stdin",
			       "add a recipient; the national number is read from a file or stdin"},
	[VD_T_HELP_REC_LIST] = {"vis mottakere", "vis mottakarar", "list recipients"},
};
