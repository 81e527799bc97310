"""dialog_list: the dialogs of services.bzl, for services/edge/telegram_gateway.

    load("//bazel:dialogs.bzl", "dialog_list")
    load("//services:services.bzl", "DIALOGS", "FIRST_DIALOG")

    dialog_list(name = "dialogs_list", dialogs = DIALOGS, first = FIRST_DIALOG)

gives the library ":dialogs_list" with the header "services/edge/telegram_gateway/dialogs_list.h".
"""

load("//services:services.bzl", "domain_of")
load(":header.bzl", "generated_header")

def dialog_list(name, dialogs, first, visibility = None):
    """A header with the names of the dialogs.

    Args:
      name: the library's name and, with .h, the header's.
      dialogs: services that are in services.bzl.
      first: the one of them that hears a person who has not chosen one.
      visibility: as in every rule.
    """
    for dialog in dialogs:
        domain_of(dialog)  # Fails for one that is no service.
    if first not in dialogs:
        fail("%s is none of the dialogs" % first)
    generated_header(
        name = name,
        includes = ["<string_view>"],
        lines = [
            "// The services that have a dialog.",
            "inline constexpr std::string_view kDialogs[] = {",
        ] + ['    "%s",' % dialog for dialog in dialogs] + [
            "};",
            "// The one that hears a person who has not chosen one.",
            'inline constexpr std::string_view kFirstDialog = "%s";' % first,
        ],
        namespace = "selfology::telegram_gateway",
        visibility = visibility,
    )
