// The texts of signing in with the clinic's provider: fetched where there is one.

export const providerWords = {
  signIn: (name: string) => `Sign in with ${name}`,
  or: "or",
  leaving: (name: string) => `Going to ${name}\u2026`,
  comingBack: "Signing you in\u2026",
  notBegunHere: "This sign-in was not begun in this browser, or was used already. Begin it again here.",
};
