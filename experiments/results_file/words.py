"""What columns are called that name the arm, the unit or the number of units: letters and digits only."""

from __future__ import annotations

import re
from typing import Final

from backlog.tables.folding import folded

VARIANT_WORDS: Final = (
    "variant", "version", "arm", "group", "bucket", "treatment", "test", "cell", "variantid",
    "variation", "variante", "gruppe", "testgruppe", "grupo", "groupe", "gruppo", "groep", "grupp",
    "grupa", "ryhma", "armname", "groupname", "variantname", "testgroup", "abgroup", "experimentgroup",
    "assignment", "variationname", "messagevariation", "experimentvariant", "varianten", "variacion",
    "variacao", "variazione", "variatie", "wariant", "variantti",
)  # fmt: skip
UNIT_WORDS: Final = (
    "userid", "unit", "unitid", "customerid", "readerid", "subscriberid", "visitorid", "clientid",
    "deviceid", "personid", "memberid", "accountid", "contactid", "profileid", "playerid", "patientid",
    "recipientid", "leadid", "cookieid", "anonymousid", "sessionid", "householdid", "externalid",
    "externaluserid", "distinctid", "uid", "uuid", "guid", "ga", "gaclientid", "fullvisitorid",
    "userpseudoid", "brazeid", "emailaddress", "email", "user", "customer", "reader", "subscriber",
    "visitor", "client", "device", "person", "member", "account", "contact", "recipient", "player",
    "iddeusuario", "idusuario", "usuarioid", "usuario", "iddecliente", "idcliente", "clienteid",
    "cliente", "lector", "suscriptor", "correo", "nutzerid", "nutzer", "benutzerid", "benutzer",
    "kundenid", "kundennummer", "kundennr", "kunde", "leserid", "leser", "besucherid", "empfanger",
    "geratid", "abonnent", "abonnentid", "utilisateur", "idutilisateur", "iddelutilisateur",
    "clientidentifiant", "idclient", "abonne", "lecteur", "destinataire", "utente", "idutente",
    "lettore", "visitatore", "iddousuario", "assinante", "leitor", "gebruiker",
    "gebruikersid", "gebruikerid", "klant", "klantid", "klantnummer", "lezer", "bezoeker", "anvandare",
    "anvandarid", "kund", "kundid", "lasare", "bruger", "brugerid", "bruker", "brukerid", "kundenummer",
    "uzytkownik", "iduzytkownika", "klient", "idklienta", "czytelnik", "kayttaja", "kayttajaid",
    "asiakas", "asiakasid", "asiakasnumero", "lukija", "mail", "epost", "id",
)  # fmt: skip
COUNT_WORDS: Final = (
    "n", "units", "users", "count", "sent", "recipients", "delivered", "total", "visitors", "usuarios",
    "clientes", "destinatarios", "enviados", "uniquerecipients", "sends", "deliveries", "totalrecipients",
    "messagessent", "emailssent", "readers", "customers", "subscribers",
    "people", "participants", "samplesize", "nutzer", "kunden", "empfanger", "gesendet", "versendet",
    "zugestellt", "leser", "besucher", "utilisateurs", "clients", "envoyes", "destinataires", "utenti",
    "inviati", "destinatari", "lettori", "gebruikers", "verzonden", "klanten", "ontvangers", "anvandare",
    "skickade", "mottagare", "brugere", "brukere", "sendt", "modtagere", "uzytkownicy", "wyslane",
    "odbiorcy", "kayttajat", "lahetetyt", "vastaanottajat", "enviadas", "destinatarias", "lectores",
)  # fmt: skip
TOTAL_WORDS: Final = frozenset((
    "total", "totals", "grandtotal", "sum", "all", "overall", "allarms", "allvariants", "gesamt",
    "summe", "insgesamt", "gesamtergebnis", "gesamtsumme", "totalgeneral", "suma", "sumatotal",
    "totaux", "somme", "ensemble", "totale", "totalegenerale", "somma", "complessivo", "totalgeral",
    "soma", "totaal", "eindtotaal", "som", "totalt", "summa", "ialt", "samlet", "sumtotal", "razem",
    "lacznie", "sumacalkowita", "ogolem", "yhteensa", "kaikki", "subtotal", "zwischensumme",
))  # fmt: skip
"""What the row below the arms is called in ten languages."""
TOTAL_SIGNS: Final = ("Σ", "∑")


def letters_of(name: str) -> str:
    """A name as it stands in these lists: without case, accents and signs.

    >>> letters_of("User ID"), letters_of("Empfänger")
    ('userid', 'empfanger')
    """
    return re.sub(r"[^a-z0-9]", "", folded(name))


def is_total(label: str) -> bool:
    """Whether a label names the row that adds up the arms.

    >>> is_total("Grand total:"), is_total("Σ"), is_total("Totalitarian")
    (True, True, False)
    """
    return label.strip() in TOTAL_SIGNS or letters_of(label) in TOTAL_WORDS
