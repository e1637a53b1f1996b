// Everything that a page of the shell attaches; each module has one job.
import "./ours.js";
import "./sign-out.js";
import "./quick-add.js";
import "./connection.js";
import "./submit-once.js";
import "./plain-address.js";
import "./keys.js";
import "./dialogs.js";
import "./messages.js";
import "./drafts.js";
import "./formset.js";
import "./known-metric.js";
import "./effect-echo.js";
import "./audience.js";
import "./copy.js";
import "./drop-file.js";
import "./at-list.js";
import "./palette.js";
import "./form-drafts.js"; // last: it adds the rows that a draft has, by the buttons of formset.js
