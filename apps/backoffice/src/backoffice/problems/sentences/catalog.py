"""What the catalogue refuses: products, organisations, their settings."""

from collections.abc import Mapping

from backoffice.languages import N_

SENTENCES: Mapping[str, str] = {
    "card-bounds": N_("The least that the gift card can be worth is above the most. Exchange the two."),
    "card-price": N_(
        "A tariff of a gift card is what it is worth unless the buyer chooses another amount. Give it a price from "
        "{minimum:money} to {maximum:money}."
    ),
    "clock-moves-forward-only": N_("The test clock only moves forward. Choose a later moment than the one it shows."),
    "clock-too-far-ahead": N_("The test clock can be at most 20 years ahead. Choose an earlier moment."),
    "currency-is-for-ever": N_("The organisation’s currency is {currency} and stays so."),
    "discount-has-no-format": N_("A discount has no formats: leave them out."),
    "discount-on-discount": N_("A discount applies to what is sold, never to another discount."),
    "discount-rate-or-amount": N_("A discount is either a rate or an amount. Give one of both."),
    "format-has-no-tariff": N_("Each format of a product on sale needs a tariff. Give it one, or remove the format."),
    "kind-is-for-ever": N_("The kind of a product does not change. Make another product of the other kind."),
    "live-organisation-has-no-clock": N_(
        "A live organisation follows the real time. Only the clock of a test organisation moves."
    ),
    "membership-until-or-months": N_("A membership is valid until a date or for a number of months. Give one of both."),
    "mode-is-for-ever": N_("A test organisation stays one, and so does a live one. Set up another organisation."),
    "name-twice": N_("The same name is there twice. Give each one another name."),
    "occurrence-ends-before-it-starts": N_("A session must end after it starts, on the same day. Correct its times."),
    "pack-starts-without-period": N_(
        "What starts at the first use is a number of days or months. Give one of them, or let it start at the purchase."
    ),
    "pack-validity-twice": N_("A session pack is valid until a day, or for a number of days, or of months: give one."),
    "period-too-long": N_("A period has at most {most} weeks, months or years of this kind. Write a shorter one."),
    "plan-is-for-somebody": N_("An online plan opens its courses to one member: tick that it is for one member."),
    "plan-until-or-months": N_("An online plan is valid until a date or for a number of months. Give one of both."),
    "product-archived": N_("This product is archived and can no longer be changed or sold. Make a new one."),
    "product-has-no-format": N_("A product on sale needs a format with a tariff. Give it one first."),
    "product-is-for-nobody": N_("A product of this kind is for no participant."),
    "product-on-sale": N_("This product already is on sale."),
    "voucher-of-no-activity": N_(
        "A gift voucher is a right to an activity or a thing. Leave discounts, credits and vouchers out of it."
    ),
}
