/**
 * Every word that the widget itself says. A page may replace any of them:
 * see docs/embedding.md. Words in braces are filled in.
 */
export const TEXTS = {
  heading: "Family Guide",
  note: "Not a doctor. In an emergency, call 911.",
  launcher: "Ask the Family Guide",
  unread: "New answer",
  close: "Close the chat",
  menu: "More",
  conversation: "Conversation",
  you: "You said",
  guide: "The guide said",
  guideLanguage: "en",

  label: "Your question",
  privacy: "Please leave out names and phone numbers.",
  placeholder: "Type here",
  send: "Send",
  writing: "Writing an answer",
  left: "{left} characters left",
  tooLong: "That is {length} characters. I can read {most} at once. Please make it shorter, or send it in parts.",
  empty: "Please type your question first.",

  suggestions: "You can choose",
  related: "Related questions",
  why: "Why do you ask?",
  source: "From: {page}, section “{heading}” ({publisher})",
  help: "Get help now",
  call: "Call {number}",
  textTo: "Text {number}",

  helpful: "Did this help?",
  helped: "Yes, this helped",
  notHelped: "No, this did not help",
  thanks: "Thank you.",
  comment: "Would you say why? (You can leave this out.)",
  sendComment: "Send comment",
  notRated: "That could not be sent. Please try again.",

  print: "Print summary",
  save: "Save summary",
  fileName: "summary.txt",
  printedOn: "Made on {date} with the {heading}, a computer program. It is not a diagnosis.",

  check: "Check symptoms",
  startOver: "Start over",
  startOverAsk: "Start a new chat? What was said so far will no longer be shown here.",
  stored: "What is stored?",
  storedAsk: "What do you know about me?",
  remove: "Delete this conversation",
  removeAsk: "Delete all that is stored of this conversation? It cannot be undone.",
  removed: "The conversation is deleted.",
  notRemoved: "The conversation could not be deleted just now. Please try again.",
  keep: "No, go back",

  offline: "You are offline. What you wrote is kept and will be sent when you are back. In an emergency, call 911.",
  unreachable: "I cannot reach the assistant right now. I keep trying, and what you wrote is kept. In an emergency, call 911.",
  tryNow: "Try now",
  sending: "Sending",
  notSent: "Not sent.",
  sendAgain: "Send again",
  ended: "This chat has ended. What you typed is kept.",
  startNew: "Start a new chat",
};

/**
 * Fill in the words in braces.
 * @param {string} template
 * @param {Record<string, any>} values
 */
export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (braces, name) => String(values[name] ?? braces));
}
