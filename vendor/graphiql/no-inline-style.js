// Stands in for react-style-singleton, which writes a <style> element to stop the page from
// scrolling behind a dialog. Our page does not scroll, and its policy allows no inline style.
const nothing = () => null;
export const styleSingleton = () => nothing;
export const styleHookSingleton = () => nothing;
export const stylesheetSingleton = () => ({ add() {}, remove() {} });
