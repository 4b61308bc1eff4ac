"""Extensions without an application; ``create_app`` binds them."""

from flask_cors import CORS
from flask_jwt_extended import JWTManager
from flask_smorest import Api as SmorestApi
from flask_socketio import SocketIO


class Api(SmorestApi):
    """The OpenAPI document; error answers stay with :mod:`mixillo.errors`."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Keep flask-smorest from answering every HTTP error of the application in its own JSON."""

    def _register_doc_blueprint(self) -> None:
        """Leave serving the document to the `docs` feature, which declares its access like any view."""


api = Api()
cors = CORS()
jwt = JWTManager()
socketio = SocketIO()
