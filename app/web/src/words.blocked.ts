// What is said where nothing else can be. It is read before everything else, so it stands by itself.

export const blockedWords = {
  app: "Infusion Vitals",
  why: "This browser lets the app keep nothing on this device, so that what is typed could be lost. Nothing can be typed here.",
  mend: "Allow cookies and site data for this address, leave private browsing, and load the page again.",
};
