/** How a page says for whom it was drawn. It grants nothing: who acts is the operator of the session. */
export const operatorHeader = 'x-tillmesh-operator';
